export { type BackupResult, backUp } from './backup/back-up.ts';
export { restore } from './backup/restore.ts';
export { type DemoUsers, readSecrets, type Secrets, signingKeysFile } from './data-folder.ts';
export { ownerUrl } from './database.ts';
export { type Endpoints, readEndpoints } from './endpoints.ts';
export type { Lan } from './lan/prepare-lan.ts';
export { type Stack, startStack } from './stack.ts';
export { StackError } from './stack-error.ts';
export type { StackSettings } from './stack-settings.ts';

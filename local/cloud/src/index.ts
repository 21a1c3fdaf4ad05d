export type { Log } from './log.ts';
export { type AccessKey, type LocalCloud, type LocalCloudOptions, startLocalCloud } from './start.ts';

export type { Credentials, ObjectsOptions } from './connection.ts';
export type { Downloaded } from './download.ts';
export { ObjectMissing, ObjectStoreUnavailable, ObjectTooLarge } from './errors.ts';
export { createObjects, type ListedObject, type ObjectHead, type Objects } from './objects.ts';
export { type ReadTime, readUrlsExpireAt } from './sign-get.ts';
export type { PutConditions, SignedPut } from './sign-put.ts';

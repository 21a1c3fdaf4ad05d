export type { Log } from './log.ts';
export { type LocalCloud, type LocalCloudOptions, startLocalCloud } from './start.ts';
export { keepBlobs } from './store/keep-blobs.ts';

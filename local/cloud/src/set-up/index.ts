export { diskReserve } from '../disk-reserve.ts';
export { ensureBucket, ensurePhotoBucket, ignorePublicAcls } from './ensure-bucket.ts';
export { ensureQueues, type QueuePair } from './ensure-queues.ts';
export { ensureImageQueue, ensureStore } from './ensure-store.ts';

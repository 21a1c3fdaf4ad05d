export { blockPublicAccess, ensureBucket, ensurePhotoBucket } from './ensure-bucket.ts';
export { ensureQueues, type QueuePair } from './ensure-queues.ts';

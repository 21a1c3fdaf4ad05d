export { type ConnectionOptions, type Credentials, QueueUnavailable, ReceiptExpired } from './connection.ts';
export { createQueue, type Queue, type QueueDepth, type QueueMessage, type QueueOptions } from './queue.ts';

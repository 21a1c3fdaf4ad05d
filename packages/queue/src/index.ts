export { type ConnectionOptions, type Credentials, QueueUnavailable, ReceiptExpired } from './connection.ts';
export { redriveDeadLetters, visitDeadLetters } from './dead-letters.ts';
export { createQueue, type Queue, type QueueDepth, type QueueMessage, type QueueOptions } from './queue.ts';

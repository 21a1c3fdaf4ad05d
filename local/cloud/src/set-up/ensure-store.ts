import { imageQueue } from '../image-queue.ts';
import { ensureBucket, type ServerAddress } from './ensure-bucket.ts';
import { ensureQueues, type QueuePair } from './ensure-queues.ts';

export interface StoreSetUp extends ServerAddress {
  readonly bucket: string;
  /** The pages that upload and show photos. */
  readonly pages: readonly string[];
}

/** Creates the bucket and the queue of an installation, and connects them. Idempotent. @returns the URL of the queue */
export async function ensureStore({ bucket, pages, ...server }: StoreSetUp): Promise<string> {
  const { queueArn, queueUrl } = await ensureImageQueue(server);
  await ensureBucket({
    ...server,
    bucket,
    corsOrigins: [...new Set(pages.map((url) => new URL(url).origin))],
    queueArn,
    suffixes: ['.jpg', '.heic'],
  });
  return queueUrl;
}

/** Creates the queue alone, for photos in another store. */
export function ensureImageQueue(server: ServerAddress): Promise<QueuePair> {
  return ensureQueues({ ...server, name: imageQueue, maxReceiveCount: 3, visibilitySeconds: 60 });
}

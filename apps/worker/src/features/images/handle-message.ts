import { isThumbKey, parseS3Message } from '@spinbay/contracts';
import type { QueueMessage } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import { type ImageDeps, processImage, type Receipt } from './process-image.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';

/** Handles a message of the bucket's queue. Drops and logs test events and foreign messages. */
export async function handleMessage(
  message: QueueMessage,
  bucket: string,
  deps: ImageDeps,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const event = parseS3Message(message.body);
  if (event.kind === 'foreign') {
    log.warn({ why: event.why, body: message.body.slice(0, 500) }, 'not an S3 event; dropped');
    return;
  }
  if (event.kind === 'test') {
    log.info('received the test event of the bucket notifications');
    return;
  }
  const { sentAt, receiveCount } = message;
  const receipt: Receipt = { sentAt, receivedAt: new Date(), receiveCount };
  const faults: unknown[] = [];
  for (const object of event.objects) {
    if (signal.aborted) {
      // The message is delivered again for the objects that are left.
      faults.push(signal.reason);
      break;
    }
    if (object.bucket !== bucket) {
      log.warn({ bucket: object.bucket, key: object.key }, 'event of another bucket; dropped');
      continue;
    }
    if (isThumbKey(object.key)) continue;
    let isRetry = false;
    const work = () => {
      const started = processImage(object.key, deps, signal, log, isRetry ? undefined : receipt);
      isRetry = true;
      return started;
    };
    // An object that fails does not stop the others of its message. The next delivery finds those done.
    await retryWhileUnavailable(work, deps, signal, log).catch((error: unknown) => faults.push(error));
  }
  if (faults.length > 1) throw new AggregateError(faults, `${faults.length} of ${event.objects.length} objects failed`);
  if (faults.length === 1) throw faults[0];
}

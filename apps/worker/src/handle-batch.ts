import { setMaxListeners } from 'node:events';
import type { QueueMessage } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import type { ConsumeOptions } from './consume.ts';

/** A record of the event that AWS Lambda makes of messages of SQS. */
interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string; readonly SentTimestamp: string };
}

export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** With `ReportBatchItemFailures` set, SQS delivers these again and forgets the others. */
export interface BatchReply {
  readonly batchItemFailures: { itemIdentifier: string }[];
}

/**
 * Processes the messages of one event as the consumer does. Those that fail are reported, and so are those that were not done
 * in time: Lambda stops a function at its timeout without a word, and SQS would then deliver all of them again.
 * @param timeMs until the work in flight is aborted
 */
export async function handleBatch(
  event: SqsEvent,
  { slots, work, log }: Pick<ConsumeOptions, 'slots' | 'work' | 'log'>,
  timeMs: number,
): Promise<BatchReply> {
  const aborting = new AbortController();
  const { signal } = aborting;
  setMaxListeners(0, signal);
  const timer = setTimeout(() => aborting.abort(new Error('the time of this invocation is over')), timeMs);
  const failed: string[] = [];
  const waiting = event.Records.values();
  const slot = async () => {
    for (const record of waiting) {
      const done = !signal.aborted && (await isDone(messageOf(record), work, signal, log));
      if (!done) failed.push(record.messageId);
    }
  };
  await Promise.all(Array.from({ length: slots }, slot));
  clearTimeout(timer);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

async function isDone(
  message: QueueMessage,
  work: ConsumeOptions['work'],
  signal: AbortSignal,
  log: Logger,
): Promise<boolean> {
  const messageLog = log.child({ message_id: message.id, receive_count: message.receiveCount });
  try {
    await work(message, signal, messageLog);
    return true;
  } catch (err) {
    if (signal.aborted) messageLog.info('not done in time; released');
    else messageLog.error({ err, body: message.body.slice(0, 2000) }, 'not done; it is delivered again');
    return false;
  }
}

function messageOf({ messageId, receiptHandle, body, attributes }: SqsRecord): QueueMessage {
  return {
    id: messageId,
    receiptHandle,
    body,
    receiveCount: Number(attributes.ApproximateReceiveCount),
    sentAt: new Date(Number(attributes.SentTimestamp)),
  };
}

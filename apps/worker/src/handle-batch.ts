import { setMaxListeners } from 'node:events';
import type { QueueMessage } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import type { ConsumeOptions } from './consume.ts';

/** A record of an SQS event of AWS Lambda. */
interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string; readonly SentTimestamp: string };
}

export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** The failed messages. With `ReportBatchItemFailures`, SQS delivers them again, and Lambda deletes all others. */
export interface BatchReply {
  readonly batchItemFailures: { itemIdentifier: string }[];
}

/**
 * Processes the messages of an event as the consumer does. Reports those that failed or were not finished in time: if Lambda
 * stopped the function at its timeout, SQS would deliver all of them again.
 * @param timeMs the time until the work in flight is aborted
 */
export async function handleBatch(
  event: SqsEvent,
  { slots, work, log }: Pick<ConsumeOptions, 'slots' | 'work' | 'log'>,
  timeMs: number,
): Promise<BatchReply> {
  const aborting = new AbortController();
  const { signal } = aborting;
  setMaxListeners(0, signal);
  const timer = setTimeout(() => aborting.abort(new Error('the invocation has timed out')), timeMs);
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
    if (signal.aborted) messageLog.info('not finished in time; message released');
    else messageLog.error({ err, body: message.body.slice(0, 2000) }, 'failed; the message is delivered again');
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

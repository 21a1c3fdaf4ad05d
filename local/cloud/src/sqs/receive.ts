import { queueArn } from '../cloud.ts';
import { numberAttribute, type Queue } from '../store/queues.ts';
import {
  changeVisibility,
  deleteByReceipt,
  nextVisible,
  type ReceivedMessage,
  takeMessages,
} from '../store/receive.ts';
import { SqsError } from './errors.ts';
import { md5Hex } from './md5.ts';
import { optionalInteger, requireQueue, requireText, type SqsRequest, textList } from './request.ts';

const maxVisibility = 43_200;

/**
 * A waiting receiver polls the queue at this interval, in case a notification is lost. This is the maximum delay of a
 * message after a lost notification. Without waiting receivers, the queue is not polled.
 */
const fallbackPollMs = 5_000;

export async function receiveMessage(request: SqsRequest): Promise<object> {
  const { cloud, input, gone } = request;
  const queue = await requireQueue(request);
  const limit = optionalInteger(input, 'MaxNumberOfMessages', 1, 10) ?? 1;
  const visibility =
    optionalInteger(input, 'VisibilityTimeout', 0, maxVisibility) ?? numberAttribute(queue, 'VisibilityTimeout');
  const wait =
    optionalInteger(input, 'WaitTimeSeconds', 0, 20) ?? numberAttribute(queue, 'ReceiveMessageWaitTimeSeconds');
  const deadline = performance.now() + wait * 1000;
  for (;;) {
    const subscription = cloud.signals.subscribe(queue.id);
    try {
      // Messages for a disconnected client would stay hidden until their visibility timeout expires.
      if (gone.aborted) return {};
      const { messages, deadLetterQueue } = await takeMessages(cloud.database, queue, limit, visibility);
      if (deadLetterQueue !== undefined) cloud.signals.wake(deadLetterQueue);
      const left = deadline - performance.now();
      if (messages.length > 0 || left <= 0 || cloud.signals.draining) {
        return messages.length > 0 ? { Messages: messages.map((message) => toWire(request, queue, message)) } : {};
      }
      const next = (await nextVisible(cloud.database, queue)) ?? fallbackPollMs;
      await subscription.wait(Math.max(1, Math.min(left, next + 1, fallbackPollMs)), gone);
    } finally {
      subscription.unsubscribe();
    }
  }
}

function toWire({ cloud, input }: SqsRequest, queue: Queue, message: ReceivedMessage): object {
  const wanted = [...textList(input, 'MessageSystemAttributeNames'), ...textList(input, 'AttributeNames')];
  const system: Record<string, string> = {
    SenderId: 'AIDAIENQZJOLO23YVJ4VO',
    SentTimestamp: String(message.sentAt.getTime()),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt.getTime()),
    ...(message.sourceQueue === null ? {} : { DeadLetterQueueSourceArn: queueArn(cloud, message.sourceQueue) }),
  };
  const chosen = Object.entries(system).filter(([name]) => wanted.includes('All') || wanted.includes(name));
  return {
    MessageId: message.id,
    ReceiptHandle: Buffer.from(`${queue.id}.${message.receipt}`).toString('base64url'),
    Body: message.body,
    MD5OfBody: md5Hex(message.body),
    ...(chosen.length > 0 ? { Attributes: Object.fromEntries(chosen) } : {}),
  };
}

export async function deleteMessage(request: SqsRequest): Promise<object> {
  const queue = await requireQueue(request);
  await deleteByReceipt(request.cloud.database, queue, readReceipt(request.input));
  return {};
}

export async function changeMessageVisibility(request: SqsRequest): Promise<object> {
  const { cloud, input } = request;
  const queue = await requireQueue(request);
  const receipt = readReceipt(input);
  const seconds = optionalInteger(input, 'VisibilityTimeout', 0, maxVisibility);
  if (seconds === undefined)
    throw new SqsError('MissingParameter', 'The request must contain the parameter VisibilityTimeout.');
  const outcome = await changeVisibility(cloud.database, queue, receipt, seconds);
  if (outcome === 'visible') throw new SqsError('MessageNotInflight', 'The message referred to is not in flight.');
  if (outcome === 'unknown') {
    throw new SqsError(
      'InvalidParameterValue',
      `Value ${requireText(input, 'ReceiptHandle')} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  }
  // Otherwise, waiting receivers would notice the change only at their next poll.
  cloud.signals.wake(queue.id);
  return {};
}

function readReceipt(input: Readonly<Record<string, unknown>>): string {
  const handle = requireText(input, 'ReceiptHandle');
  const receipt = /^\d+\.([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/.exec(
    Buffer.from(handle, 'base64url').toString(),
  )?.[1];
  if (receipt === undefined) throw new SqsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.');
  return receipt;
}

import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget, type Target } from '../testing/target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.close());

const nameOf = (url: string) => url.split('/').at(-1);
const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
  target.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (QueueUrl: string, more: object = {}) =>
  (await target.sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'], ...more })))
    .Messages ?? [];
const change = (QueueUrl: string, ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
  target.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
const attributes = async (QueueUrl: string, ...AttributeNames: QueueAttributeName[]) =>
  (await target.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};

describe('queues', () => {
  test('are created once, found by name, described and changed', async () => {
    const { url, arn } = await target.newQueue({ VisibilityTimeout: '45', ReceiveMessageWaitTimeSeconds: '0' });
    const QueueName = nameOf(url);
    expect((await target.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl).toBe(url);
    const again = await target.sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '45' } }));
    expect(again.QueueUrl).toBe(url);
    const other = target.sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '46' } }));
    await expect(other).rejects.toMatchObject({ name: 'QueueNameExists' });

    await target.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { MessageRetentionPeriod: '3600' } }),
    );
    expect(await attributes(url, 'All')).toMatchObject({
      QueueArn: arn,
      VisibilityTimeout: '45',
      MessageRetentionPeriod: '3600',
      ApproximateNumberOfMessages: '0',
      CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
    });
    expect(Object.keys(await attributes(url, 'QueueArn'))).toEqual(['QueueArn']);
  });

  test('that are missing or invalid cause an error', async () => {
    const missing = target.sqs.send(new GetQueueUrlCommand({ QueueName: 'spinbay-conformance-none' }));
    await expect(missing).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    const bad = target.sqs.send(new CreateQueueCommand({ QueueName: 'no spaces' }));
    await expect(bad).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    const policy = JSON.stringify({ deadLetterTargetArn: 'nonsense', maxReceiveCount: 3 });
    await expect(target.newQueue({ RedrivePolicy: policy })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    await expect(target.newQueue({ VisibilityTimeout: '-1' })).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
  });

  test('refuse a wrong signature', async () => {
    const { url } = await target.newQueue();
    const { accessKeyId } = target.credentials;
    const forger = new SQSClient({
      region: target.region,
      endpoint: new URL(url).origin,
      credentials: { accessKeyId, secretAccessKey: 'wrong' },
    });
    const forged = forger.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
    await expect(forged).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    forger.destroy();
  });
});

describe('messages', () => {
  test('are received with their attributes; the SDK checks their MD5', async () => {
    const { url } = await target.newQueue();
    const body = 'ünï ✓ 😀\n"quoted" \\ \t end';
    const sent = await send(url, body);
    const [message] = await receive(url, { WaitTimeSeconds: 5 });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: body,
      MD5OfBody: sent.MD5OfMessageBody,
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d{13}$/) },
    });
    expect(Number(message?.Attributes?.ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(
      Number(message?.Attributes?.SentTimestamp),
    );
    await expect(send(url, 'nul \u0001')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
    await expect(send(url, '')).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });
});

describe('receiving', () => {
  test('waits for a message and returns as soon as it is sent', async () => {
    const { url } = await target.newQueue();
    const waiting = receive(url, { WaitTimeSeconds: 20 }).then((messages) => ({ messages, at: performance.now() }));
    await sleep(1_000);
    const sentAt = performance.now();
    await send(url, 'wake up');
    const { messages, at } = await waiting;
    expect(messages).toMatchObject([{ Body: 'wake up' }]);
    expect(at - sentAt).toBeLessThan(10_000);
  });

  test('returns nothing from an empty queue after the wait', async () => {
    const { url } = await target.newQueue();
    const start = performance.now();
    expect(await receive(url, { WaitTimeSeconds: 2 })).toEqual([]);
    expect(performance.now() - start).toBeGreaterThan(1_800);
  });

  test('delivers each message to only one receiver', async () => {
    const { url } = await target.newQueue();
    const receivers = Array.from({ length: 5 }, async () => {
      const bodies: (string | undefined)[] = [];
      for (;;) {
        const messages = await receive(url, { WaitTimeSeconds: 3, MaxNumberOfMessages: 3 });
        if (messages.length === 0) return bodies;
        for (const { Body, ReceiptHandle } of messages) {
          bodies.push(Body);
          await target.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        }
      }
    });
    const bodies = Array.from({ length: 40 }, (_, index) => `message ${index}`);
    await Promise.all(bodies.map((body) => send(url, body)));
    expect((await Promise.all(receivers)).flat().sort()).toEqual(bodies.sort());
  });

  test('hides a message for its visibility timeout, and invalidates the old receipt at a redelivery', async () => {
    const { url } = await target.newQueue({ VisibilityTimeout: '2' });
    await send(url, 'job');
    const [first] = await receive(url, { WaitTimeSeconds: 5 });
    expect(await receive(url)).toEqual([]);
    const counts = await attributes(url, 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible');
    expect(counts).toEqual({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '1' });
    const [second] = await receive(url, { WaitTimeSeconds: 10, VisibilityTimeout: 60 });
    expect(second?.Attributes?.ApproximateReceiveCount).toBe('2');
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);

    // Deleting with the old receipt has no effect: the message is delivered again.
    await target.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle }));
    await change(url, second?.ReceiptHandle, 0);
    const [third] = await receive(url, { WaitTimeSeconds: 10 });
    expect(third?.Attributes?.ApproximateReceiveCount).toBe('3');
    await target.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: third?.ReceiptHandle }));
    expect(await receive(url, { WaitTimeSeconds: 4 })).toEqual([]);
  });

  test('keeps a message hidden while its timeout is extended, and wakes a waiting receiver when it is released', async () => {
    const { url } = await target.newQueue({ VisibilityTimeout: '3' });
    await send(url, 'slow job');
    const [message] = await receive(url, { WaitTimeSeconds: 5 });
    await change(url, message?.ReceiptHandle, 60);
    expect(await receive(url, { WaitTimeSeconds: 5 })).toEqual([]);
    const waiting = receive(url, { WaitTimeSeconds: 20 });
    await sleep(500);
    await change(url, message?.ReceiptHandle, 0);
    expect(await waiting).toMatchObject([{ Body: 'slow job' }]);
    await expect(change(url, 'nonsense', 10)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
    await expect(change(url, message?.ReceiptHandle, 43_201)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('moves a message to the dead-letter queue after three receives', async () => {
    const dead = await target.newQueue();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 });
    const { url } = await target.newQueue({ VisibilityTimeout: '0', RedrivePolicy });
    await send(url, 'poison');
    for (const count of ['1', '2', '3']) {
      const [message] = await receive(url, { WaitTimeSeconds: 10 });
      expect(message?.Attributes?.ApproximateReceiveCount).toBe(count);
    }
    expect(await receive(url, { WaitTimeSeconds: 2 })).toEqual([]);
    const [letter] = await receive(dead.url, { WaitTimeSeconds: 10, VisibilityTimeout: 0 });
    expect(letter?.Body).toBe('poison');
  });
});

import { ensureQueues, type QueuePair } from '@spinbay/local-cloud/set-up';
import { startTestCloud, type TestCloud } from '@spinbay/local-cloud/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { QueueUnavailable, ReceiptExpired } from './connection.ts';
import { createQueue, type Queue } from './queue.ts';

let cloud: TestCloud;
let pair: QueuePair;
let queue: Queue;
let made = 0;

beforeAll(async () => {
  cloud = await startTestCloud();
});
beforeEach(async () => {
  queue?.close();
  pair = await make(`photos-${made++}`);
  queue = createQueue({ ...cloud, queueUrl: pair.queueUrl });
});
afterAll(async () => {
  queue?.close();
  await cloud?.stop();
});

const make = (name: string) => ensureQueues({ ...cloud, name, maxReceiveCount: 3, visibilitySeconds: 60 });
const receive = (over: { waitSeconds?: number; signal?: AbortSignal } = {}) =>
  queue.receive({ max: 10, waitSeconds: 0, visibilitySeconds: 60, ...over });
const one = async () => {
  const [message] = await receive({ waitSeconds: 5 });
  if (!message) throw new Error('no message arrived');
  return message;
};

test('creates a queue only once', async () => {
  const again = await make(`photos-${made - 1}`);
  expect(again).toEqual(pair);
  expect(pair.queueArn).toMatch(/^arn:aws:sqs:us-east-1:\d{12}:photos-\d+$/);
  expect(pair.dlqUrl).toBe(`${pair.queueUrl}-dlq`);
  await queue.ready();
});

test('hides a received message and does not deliver it again after it is deleted', async () => {
  const body = JSON.stringify({ text: 'grün & <weiß> "quoted"' });
  await queue.send(body);
  const message = await one();
  expect(message).toMatchObject({ body, receiveCount: 1 });
  expect(Math.abs(Date.now() - message.sentAt.getTime())).toBeLessThan(60_000);
  expect(await receive()).toEqual([]);
  expect(await queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  await queue.delete(message.receiptHandle);
  expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test('delivers a released message again at once, with a higher receive count', async () => {
  await queue.send('again');
  const first = await one();
  await queue.changeVisibility(first.receiptHandle, 0);
  const second = await one();
  expect(second).toMatchObject({ id: first.id, receiveCount: 2 });
  expect(second.receiptHandle).not.toBe(first.receiptHandle);
});

test('reports an expired receipt', async () => {
  await queue.send('once');
  const { receiptHandle } = await one();
  await queue.delete(receiptHandle);
  await expect(queue.changeVisibility(receiptHandle, 30)).rejects.toBeInstanceOf(ReceiptExpired);
  await expect(queue.changeVisibility('no receipt', 30)).rejects.toBeInstanceOf(ReceiptExpired);
});

test('moves a message to the dead-letter queue after three receives', async () => {
  await queue.send('poison');
  for (let i = 0; i < 3; i++) await queue.changeVisibility((await one()).receiptHandle, 0);
  expect(await receive()).toEqual([]);
  expect(await queue.deadLetterDepth()).toBe(1);
  expect(await queue.depth()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test('reports that a queue has no dead-letter queue', async () => {
  const dead = createQueue({ ...cloud, queueUrl: pair.dlqUrl });
  expect(await dead.deadLetterDepth()).toBeNull();
  dead.close();
});

test('returns from a long poll when a message arrives', async () => {
  const waiting = receive({ waitSeconds: 20 });
  await queue.send('late');
  expect(await waiting).toHaveLength(1);
});

test('ends an aborted poll with the reason of its signal', async () => {
  const controller = new AbortController();
  const reason = new Error('draining');
  const waiting = receive({ waitSeconds: 20, signal: controller.signal });
  setTimeout(() => controller.abort(reason), 100);
  await expect(waiting).rejects.toBe(reason);
  await expect(receive({ signal: controller.signal })).rejects.toBe(reason);
});

describe('an error names its cause:', () => {
  const fails = async (over: Partial<Parameters<typeof createQueue>[0]>) => {
    const other = createQueue({ ...cloud, queueUrl: pair.queueUrl, ...over });
    const error = await other.ready().catch((e: unknown) => e);
    other.close();
    expect(error).toBeInstanceOf(QueueUnavailable);
    return (error as Error).message;
  };

  test('a missing queue', async () => {
    expect(await fails({ queueUrl: `${pair.queueUrl}-other` })).toMatch(
      /does not exist. Create it, or set SQS_QUEUE_URL/,
    );
  });

  test('refused credentials', async () => {
    const message = await fails({ credentials: { ...cloud.credentials, secretAccessKey: 'wrong' } });
    expect(message).toMatch(/refuses access .* Check the credentials/);
  });

  test('an unreachable server', async () => {
    const nowhere = 'http://127.0.0.1:9';
    const message = await fails({ endpoint: nowhere, queueUrl: `${nowhere}/000000000000/photos` });
    expect(message).toMatch(/does not answer \(ECONNREFUSED\). Check SQS_ENDPOINT/);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { ObjectStoreUnavailable } from '@spinbay/objects';
import type { QueueMessage } from '@spinbay/queue';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  detailedFrame,
  eventually,
  isEmpty,
  never,
  quiet,
  startTestStack,
  type TestSession,
  type TestStack,
} from '../../testing.ts';
import { handleMessage } from './handle-message.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ durable: true });
});
afterEach(async () => {
  await stack?.rest();
  await stack?.purge();
  vi.restoreAllMocks();
});
afterAll(() => stack?.stop());

const record = (key: string, bucket = stack.bucket) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: bucket }, object: { key, size: 1 } },
});
const event = (...records: object[]) => JSON.stringify({ Records: records });

function messageOf(body: string): QueueMessage {
  return { id: 'm', body, receiptHandle: 'r', receiveCount: 1, sentAt: new Date() };
}

const handle = (body: string, over: Partial<TestStack['deps']> = {}, signal = never) =>
  handleMessage(messageOf(body), stack.bucket, { ...stack.deps, ...over }, signal, quiet);

type Download = TestStack['objects']['download'];
const downloading = (download: (...args: Parameters<Download>) => ReturnType<Download>) => ({
  objects: { ...stack.objects, download },
});

const statuses = async (session: TestSession) => (await session.images()).map((image) => image.status);

test('drops and logs foreign messages and processes the next frame', async () => {
  const session = await stack.newSession();
  const logged = vi.spyOn(quiet, 'warn');
  // The local server sent a test event when the notifications were set up. This is one in Amazon's format.
  await stack.queue.send(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: stack.bucket }));
  const { storageKey } = await session.announce(await detailedFrame(1), 'angle_000');
  const foreign: [body: string, line: RegExp][] = [
    ['not JSON', /not an S3 event/],
    [JSON.stringify({ order: 4711 }), /not an S3 event/],
    [JSON.stringify({ Records: [{ eventSource: 'aws:sns' }] }), /not an S3 event/],
    [event(record('%E0%A4%A')), /not an S3 event/],
    [JSON.stringify({ Records: 'many' }), /not an S3 event/],
    ['[]', /not an S3 event/],
    [event(record(storageKey, 'another-bucket')), /another bucket/],
    [event(record('holiday/beach.jpg')), /not the key of an upload/],
    [event(record('org/../../etc/passwd.jpg')), /not the key of an upload/],
  ];
  for (const [body] of foreign) await stack.queue.send(body);
  await stack.queue.send(event(record(`${storageKey}_thumb_600.jpg`)));
  await stack.queue.send(event());
  await stack.queue.send(event({ ...record(storageKey), eventName: 'ObjectRemoved:Delete' }));
  stack.work({ work: ({ body }) => handle(body) });
  await eventually(() => isEmpty(stack.queue));
  expect((await stack.deadLetters.depth()).visible).toBe(0);
  const lines = logged.mock.calls.map(([, line]) => `${line}`);
  for (const [body, line] of foreign) expect(lines, body).toContainEqual(expect.stringMatching(line));
  expect(lines).toHaveLength(foreign.length);
  expect(await statuses(session)).toEqual(['pending']);
  await session.upload(await detailedFrame(1), 'angle_000');
  await eventually(async () => (await statuses(session))[0] === 'processed');
});

test('decodes keys with any characters', async () => {
  const logged = vi.spyOn(quiet, 'warn');
  const keys = ['a b+c.jpg', '100%25 +ä/&=?#.jpg', 'plain.jpg'];
  for (const key of keys) await stack.objects.put(key, Buffer.from('x'), { contentType: 'image/jpeg' });
  stack.work({ work: ({ body }) => handle(body) });
  await eventually(() => isEmpty(stack.queue));
  expect(logged.mock.calls.map(([line]) => (line as unknown as { key: string }).key).sort()).toEqual(keys.sort());
});

test('processes all objects of a message even if one fails', async () => {
  const session = await stack.newSession();
  const keys: string[] = [];
  for (let k = 0; k < 3; k++) keys.push((await session.upload(await detailedFrame(k), `angle_${15 * k}`)).storageKey);
  await stack.purge();
  const failing = downloading((...args) => {
    if (args[0] === keys[0]) throw new Error('of the test');
    return stack.objects.download(...args);
  });
  const body = event(...keys.map((key) => record(key)));
  await expect(handle(body, failing)).rejects.toThrow('of the test');
  expect(await statuses(session)).toEqual(['pending', 'processed', 'processed']);
  await handle(body);
  expect(await statuses(session)).toEqual(['processed', 'processed', 'processed']);
  // Three reservations, three completions.
  expect(await session.version()).toBe(6);
});

/** Starts a worker whose first thumbnails are written only after `outage` has started. */
function workThrough(outage: () => Promise<unknown>): void {
  let begun: Promise<unknown> | undefined;
  const objects = {
    ...stack.objects,
    put: async (...args: Parameters<typeof stack.objects.put>) => {
      begun ??= outage();
      await begun;
      return stack.objects.put(...args);
    },
  };
  stack.work({
    work: (message, signal, log) => handleMessage(message, stack.bucket, { ...stack.deps, objects }, signal, log),
  });
}

test.each([
  ['the object store', () => stack.stopCloud(), () => stack.startCloud()],
  ['the database', () => stack.database.postgres.kill(), () => stack.database.postgres.restart()],
])('waits while %s is down, without failed frames or dead letters', async (_, goAway, comeBack) => {
  const session = await stack.newSession();
  for (let k = 0; k < 4; k++) await session.upload(await detailedFrame(k), `angle_${15 * k}`);
  let back: { again: Promise<void> } | undefined;
  workThrough(async () => {
    await goAway();
    back = { again: sleep(700).then(comeBack) };
  });
  await (await eventually(() => back)).again;
  await eventually(async () => (await statuses(session)).join() === 'processed,processed,processed,processed');
  // Messages whose delete failed are delivered again.
  await stack.showHidden();
  await eventually(() => isEmpty(stack.queue));
  expect((await stack.deadLetters.depth()).visible).toBe(0);
  expect(await session.version()).toBe(8);
});

test('gives up on an object that cannot be read while the store is available', async () => {
  const session = await stack.newSession();
  const { storageKey } = await session.upload(await detailedFrame(1), 'angle_000');
  const fault = new ObjectStoreUnavailable('of the test', 403);
  let attempts = 0;
  const refused = downloading(() => {
    attempts += 1;
    throw fault;
  });
  await expect(handle(event(record(storageKey)), refused)).rejects.toBe(fault);
  expect(attempts).toBeGreaterThan(1);
});

test('ends a drain while the object store is down', async () => {
  const session = await stack.newSession();
  const { storageKey } = await session.upload(await detailedFrame(1), 'angle_000');
  const draining = new AbortController();
  let attempts = 0;
  const away = downloading(() => {
    attempts += 1;
    setTimeout(() => draining.abort(new Error('draining')), 20);
    throw new ObjectStoreUnavailable('of the test', 503);
  });
  await expect(handle(event(record(storageKey)), away, draining.signal)).rejects.toThrow();
  expect(attempts).toBe(1);
  expect(await statuses(session)).toEqual(['pending']);
});

test('a drain after the first object of a message leaves the others to the next delivery', async () => {
  const session = await stack.newSession();
  const uploads = [
    await session.upload(await detailedFrame(1), 'angle_000'),
    await session.upload(await detailedFrame(2), 'angle_015'),
  ];
  const draining = new AbortController();
  const reason = new Error('draining');
  vi.spyOn(quiet, 'info').mockImplementation(() => draining.abort(reason));
  const body = event(...uploads.map(({ storageKey }) => record(storageKey)));
  await expect(handle(body, {}, draining.signal)).rejects.toBe(reason);
  expect(await statuses(session)).toEqual(['processed', 'pending']);
});

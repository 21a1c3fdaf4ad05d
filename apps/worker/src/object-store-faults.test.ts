import { createObjects, type Objects } from '@spinbay/objects';
import type { QueueMessage } from '@spinbay/queue';
import { createLogger, type Logger } from '@spinbay/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { handleMessage } from './features/images/handle-message.ts';
import { type BadNetwork, startBadNetwork } from './test-network.ts';
import { expectOneCorrectRow } from './test-one-correct-row.ts';
import {
  credentials,
  detailedFrame,
  eventually,
  isEmpty,
  region,
  startTestStack,
  type TestSession,
  type TestStack,
} from './testing.ts';

/* Whatever the network to the object store does during the work, the result is one correct row and no dead letter. */

let stack: TestStack;
let network: BadNetwork;
/** The worker's view of the store: through the faulty network, with shorter timeouts. */
let objects: Objects;
let session: TestSession;
let log: Logger;
/** How often the worker waited for the unavailable store. */
let waits: () => number;
/** The receive counts of the original's message. */
let deliveries: number[];

beforeAll(async () => {
  stack = await startTestStack();
});
beforeEach(async () => {
  await stack.purge();
  network = await startBadNetwork(new URL(stack.cloudUrl));
  objects = createObjects({ endpoint: network.url, region, bucket: stack.bucket, credentials, stalledAfterMs: 300 });
  session = await stack.newSession();
  deliveries = [];
  log = createLogger({ name: 'test', level: 'silent' });
  const warn = vi.spyOn(log, 'warn');
  waits = () => warn.mock.calls.filter(([, line]) => /unavailable; waiting/.test(`${line}`)).length;
});
afterEach(async () => {
  await stack.rest();
  objects.close();
  await network.close();
  vi.restoreAllMocks();
});
afterAll(() => stack?.stop());

const work = ({ receiveCount, ...message }: QueueMessage, signal: AbortSignal) => {
  if (!message.body.includes('_thumb_')) deliveries.push(receiveCount);
  return handleMessage({ receiveCount, ...message }, stack.bucket, { ...stack.deps, objects }, signal, log);
};

/** Uploads a frame that is longer than what a faulty connection lets through. */
async function uploadFrame(): Promise<void> {
  const bytes = await detailedFrame(1);
  expect(bytes.length).toBeGreaterThan(24_000);
  await session.upload(bytes, 'angle_000');
}

const isDownload = (line: string) => line.startsWith('GET ') && line.includes('x-id=GetObject ');
const isUpload = (line: string) => line.startsWith('PUT ');

test('retries a download whose connection breaks', async () => {
  await uploadFrame();
  let bad = 0;
  network.fateOf = () => (bad < 6 ? { cutAfter: ++bad * 4_000 } : 'pass');
  await stack.runOnce({ work });
  expect(bad).toBe(6);
  await expectOneCorrectRow(stack, session);
});

test('waits for a store that refuses connections before the download', async () => {
  await uploadFrame();
  await network.goDown();
  stack.work({ work });
  await eventually(() => waits() >= 2);
  expect(await session.images()).toMatchObject([{ status: 'pending' }]);
  await network.comeBack();
  await eventually(async () => (await session.images())[0]?.status === 'processed');
  await eventually(() => isEmpty(stack.queue));
  await expectOneCorrectRow(stack, session);
  expect(deliveries).toEqual([1]);
});

test('waits for a store that goes down while thumbnails are written', async () => {
  await uploadFrame();
  network.fateOf = (line) => (isUpload(line) ? 'down' : 'pass');
  stack.work({ work });
  await eventually(() => waits() >= 2);
  expect(await session.images()).toMatchObject([{ status: 'pending' }]);
  network.fateOf = () => 'pass';
  await network.comeBack();
  await eventually(async () => (await session.images())[0]?.status === 'processed');
  await eventually(() => isEmpty(stack.queue));
  await expectOneCorrectRow(stack, session);
  expect(deliveries).toEqual([1]);
});

test('retries a stalled download, and delivers the message again if it keeps stalling', async () => {
  await uploadFrame();
  let stalled = 0;
  network.fateOf = (line) => {
    if (!isDownload(line) || stalled === 4) return 'pass';
    stalled += 1;
    return { silentAfter: 12_000 };
  };
  await stack.runOnce({ work });
  // The first delivery makes three attempts, after which the work itself counts as faulty. The second makes one.
  expect(deliveries).toEqual([1, 2]);
  expect(stalled).toBe(4);
  await expectOneCorrectRow(stack, session);
});

test('waits for a store that accepts thumbnails but never answers', async () => {
  await uploadFrame();
  network.fateOf = (line) => (isUpload(line) ? { silentAfter: 0 } : 'pass');
  stack.work({ work });
  await eventually(() => waits() >= 1);
  network.fateOf = () => 'pass';
  await eventually(async () => (await session.images())[0]?.status === 'processed');
  await eventually(() => isEmpty(stack.queue));
  await expectOneCorrectRow(stack, session);
});

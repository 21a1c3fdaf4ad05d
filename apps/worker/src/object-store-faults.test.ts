import { createObjects, type Objects } from '@spinbay/objects';
import type { QueueMessage } from '@spinbay/queue';
import { createLogger, type Logger } from '@spinbay/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { handleMessage } from './features/images/handle-message.ts';
import { type BadNetwork, startBadNetwork } from './test-network.ts';
import { expectOneRightRow } from './test-one-right-row.ts';
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

/* Whatever the way to the object store does in the middle of the work: in the end there is exactly one right row, and no dead letter. */

let stack: TestStack;
let network: BadNetwork;
/** As the worker sees the store: by way of the bad network, and with less patience than it has otherwise. */
let objects: Objects;
let session: TestSession;
let log: Logger;
/** How often the worker found the store away and waited. */
let waits: () => number;
/** Receive counts of the original's message. */
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
  waits = () => warn.mock.calls.filter(([, line]) => /away; waiting/.test(`${line}`)).length;
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

/** Longer than what a bad connection lets through of it. */
async function uploadFrame(): Promise<void> {
  const bytes = await detailedFrame(1);
  expect(bytes.length).toBeGreaterThan(24_000);
  await session.upload(bytes, 'angle_000');
}

const isDownload = (line: string) => line.startsWith('GET ') && line.includes('x-id=GetObject ');
const isUpload = (line: string) => line.startsWith('PUT ');

test('connections that break in the middle of a download cost tries, no frame', async () => {
  await uploadFrame();
  let bad = 0;
  network.fateOf = () => (bad < 6 ? { cutAfter: ++bad * 4_000 } : 'pass');
  await stack.runOnce({ work });
  expect(bad).toBe(6);
  await expectOneRightRow(stack, session);
});

test('a store that refuses connections when the download is due is waited for', async () => {
  await uploadFrame();
  await network.goDown();
  stack.work({ work });
  await eventually(() => waits() >= 2);
  expect(await session.images()).toMatchObject([{ status: 'pending' }]);
  await network.comeBack();
  await eventually(async () => (await session.images())[0]?.status === 'processed');
  await eventually(() => isEmpty(stack.queue));
  await expectOneRightRow(stack, session);
  expect(deliveries).toEqual([1]);
});

test('a store that goes away when the thumbnails are written is waited for', async () => {
  await uploadFrame();
  network.fateOf = (line) => (isUpload(line) ? 'down' : 'pass');
  stack.work({ work });
  await eventually(() => waits() >= 2);
  expect(await session.images()).toMatchObject([{ status: 'pending' }]);
  network.fateOf = () => 'pass';
  await network.comeBack();
  await eventually(async () => (await session.images())[0]?.status === 'processed');
  await eventually(() => isEmpty(stack.queue));
  await expectOneRightRow(stack, session);
  expect(deliveries).toEqual([1]);
});

test('a download that stands still is given up and tried again; one that does so again and again is delivered again', async () => {
  await uploadFrame();
  let stalled = 0;
  network.fateOf = (line) => {
    if (!isDownload(line) || stalled === 4) return 'pass';
    stalled += 1;
    return { silentAfter: 12_000 };
  };
  await stack.runOnce({ work });
  // Three tries of the first delivery, then the store itself answers and the fault is the work's own; one of the second.
  expect(deliveries).toEqual([1, 2]);
  expect(stalled).toBe(4);
  await expectOneRightRow(stack, session);
});

test('a store that takes the thumbnails and never answers is waited for', async () => {
  await uploadFrame();
  network.fateOf = (line) => (isUpload(line) ? { silentAfter: 0 } : 'pass');
  stack.work({ work });
  await eventually(() => waits() >= 1);
  network.fateOf = () => 'pass';
  await eventually(async () => (await session.images())[0]?.status === 'processed');
  await eventually(() => isEmpty(stack.queue));
  await expectOneRightRow(stack, session);
});

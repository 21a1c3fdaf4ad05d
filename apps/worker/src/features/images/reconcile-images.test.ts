import { s3Message } from '@spinbay/contracts';
import { ObjectStoreUnavailable } from '@spinbay/objects';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createNewestMessage } from '../../newest-message.ts';
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
import type { ImageDeps } from './process-image.ts';
import { type ReconcileDeps, type ReconcileTimes, reconcileImages } from './reconcile-images.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(async () => {
  await stack?.rest();
  await stack?.purge();
});
afterAll(() => stack?.stop());

const minute = 60_000;
const hour = 60 * minute;
const nothingSeen = createNewestMessage();
const reconcile = (times: Partial<ReconcileTimes> = {}, over: Partial<ReconcileDeps> = {}, signal = never) =>
  reconcileImages(
    { ...stack.deps, queue: stack.queue, bucket: stack.bucket, newestMessage: nothingSeen, ...over },
    { patienceMs: 2 * minute, graceMs: 0, claimMs: 0, ...times },
    signal,
    quiet,
  );

const statuses = async (session: TestSession) => (await session.images()).map((image) => image.status);
const waiting = async () => (await stack.queue.depth()).visible;

/** A frame that was uploaded an hour ago and whose event got lost. */
async function lose(session: TestSession, seed: number): Promise<string> {
  const { storageKey } = await session.upload(await detailedFrame(seed), `angle_${15 * seed}`);
  await stack.purge();
  await stack.age(storageKey, hour);
  return storageKey;
}

test('a frame whose event was lost gets a message in its place, in whichever organization', async () => {
  const sessions = [await stack.newSession(), await stack.newSession()];
  for (const session of sessions) await lose(session, 1);
  await reconcile();
  expect(await waiting()).toBe(2);
  await stack.runOnce();
  for (const session of sessions) {
    expect(await session.images()).toMatchObject([{ status: 'processed', angle_deg: 15, qc_version: 1 }]);
    expect(await session.version()).toBe(2);
  }
  await reconcile();
  expect(await isEmpty(stack.queue)).toBe(true);
});

test('three workers that look after 8 lost events at once make 8 measurements', async () => {
  const session = await stack.newSession();
  for (let k = 0; k < 8; k++) await lose(session, k);
  const measured: string[] = [];
  const deps: ImageDeps = {
    ...stack.deps,
    measurer: {
      measure: (request, signal) => {
        measured.push(request.file);
        return stack.deps.measurer.measure(request, signal);
      },
    },
  };
  const workers = Array.from({ length: 3 }, () => {
    const newestMessage = createNewestMessage();
    stack.work({
      work: newestMessage.watch((message, signal, log) => handleMessage(message, stack.bucket, deps, signal, log)),
    });
    return newestMessage;
  });
  const round = () =>
    Promise.all(workers.map((newestMessage) => reconcile({ claimMs: hour }, { ...deps, newestMessage })));
  await round();
  await eventually(async () => (await statuses(session)).every((status) => status === 'processed'));
  await round();
  await eventually(() => isEmpty(stack.queue));
  expect(measured).toHaveLength(8);
  expect(await session.version()).toBe(16);
  const { rows } = await stack.database.admin.query('select requeues from uploads where session_id = $1', [
    session.sessionId,
  ]);
  expect(rows.map(({ requeues }) => requeues)).toEqual(Array(8).fill(1));
});

test('a mere backlog is left alone; what is overdue behind it is known by the messages that came later', async () => {
  const session = await stack.newSession();
  const lost = await lose(session, 1);
  await session.upload(await detailedFrame(2), 'angle_030');
  const { storageKey: backlogged } = await session.upload(await detailedFrame(3), 'angle_045');
  await stack.age(backlogged, 10 * minute);
  await reconcile();
  expect(await waiting()).toBe(2);
  const sent = (ms: number) => ({ newestMessage: { sentAt: () => new Date(Date.now() - ms) } });
  await reconcile({}, sent(hour));
  expect(await waiting()).toBe(2);
  // Messages of half an hour ago were received: those of an hour ago are not to come any more.
  await reconcile({}, sent(30 * minute));
  expect(await waiting()).toBe(3);
  await stack.runOnce();
  expect((await session.images()).find((image) => image.storage_key === lost)).toMatchObject({ status: 'processed' });
  expect(await statuses(session)).toEqual(['processed', 'processed', 'processed']);
});

test('an upload that no worker can finish is put back three times, then given up with a reason, and revived by a later message', async () => {
  const session = await stack.newSession();
  const key = await lose(session, 1);
  const other = await lose(session, 2);
  for (let k = 0; k < 3; k++) {
    await reconcile();
    await stack.purge();
    await stack.age(key, hour);
  }
  expect(await statuses(session)).toEqual(['pending', 'pending']);
  await reconcile();
  const [image, second] = await session.images();
  expect([image?.storage_key, second?.storage_key]).toEqual([key, other]);
  expect(image).toMatchObject({ status: 'failed', failure: { code: 'not_processed' }, thumb_keys: null });
  expect(image?.failure?.message).toMatch(/measuring it failed again and again/);
  // As after a redrive of the dead-letter queue.
  await stack.queue.send(s3Message({ bucket: stack.bucket, key }));
  await stack.runOnce();
  expect((await session.images())[0]).toMatchObject({ status: 'processed', failure: null, width: 320 });
});

test('an upload that never came expires after its URL and the grace, and is revived when it comes', async () => {
  const session = await stack.newSession();
  const bytes = await detailedFrame(1);
  const { put } = await session.announce(bytes, 'angle_015', { expiresAt: new Date(Date.now() - minute) });
  await session.announce(await detailedFrame(2), 'angle_030', { expiresAt: new Date(Date.now() + minute) });
  await reconcile({ graceMs: 2 * minute });
  expect(await statuses(session)).toEqual(['pending', 'pending']);
  await reconcile();
  expect(await statuses(session)).toEqual(['expired', 'pending']);
  const sql = `select type from events where org_id = $1 and entity_type = 'image'`;
  expect((await stack.database.admin.query(sql, [session.orgId])).rows).toEqual([{ type: 'image.upload_expired' }]);
  await put(bytes);
  stack.work();
  await eventually(() => isEmpty(stack.queue));
  expect(await statuses(session)).toEqual(['processed', 'pending']);
});

test('a young frame is left alone, and so is one that was announced long ago and uploaded just now', async () => {
  const session = await stack.newSession();
  await session.upload(await detailedFrame(1), 'angle_015');
  const { storageKey } = await session.upload(await detailedFrame(2), 'angle_030');
  await stack.purge();
  await stack.database.admin.query(`update uploads set created_at = now() - interval '1 hour' where storage_key = $1`, [
    storageKey,
  ]);
  await reconcile();
  expect(await isEmpty(stack.queue)).toBe(true);
});

test('an upload that cannot be looked after does not hold back the others', async () => {
  const session = await stack.newSession();
  const bad = await lose(session, 1);
  await lose(session, 2);
  const objects = {
    ...stack.objects,
    head: (...args: Parameters<typeof stack.objects.head>) => {
      if (args[0] === bad) throw new Error('of the test');
      return stack.objects.head(...args);
    },
  };
  await reconcile({}, { objects });
  await stack.runOnce();
  expect(await statuses(session)).toEqual(['pending', 'processed']);
});

test('a store that is away ends the round, and so does the signal', async () => {
  const session = await stack.newSession();
  await lose(session, 1);
  const away = { head: () => Promise.reject(new ObjectStoreUnavailable('away', null)) };
  await expect(reconcile({}, { objects: { ...stack.objects, ...away } })).rejects.toBeInstanceOf(
    ObjectStoreUnavailable,
  );
  const reason = new Error('stopping');
  await expect(reconcile({}, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(await isEmpty(stack.queue)).toBe(true);
  await reconcile();
  await stack.runOnce();
  expect(await statuses(session)).toEqual(['processed']);
});

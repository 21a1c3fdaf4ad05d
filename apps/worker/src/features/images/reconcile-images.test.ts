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
    { minAgeMs: 2 * minute, graceMs: 0, claimMs: 0, ...times },
    signal,
    quiet,
  );

const statuses = async (session: TestSession) => (await session.images()).map((image) => image.status);
const waiting = async () => (await stack.queue.depth()).visible;

/** A frame that was uploaded an hour ago and whose event was lost. */
async function lose(session: TestSession, seed: number): Promise<string> {
  const { storageKey } = await session.upload(await detailedFrame(seed), `angle_${15 * seed}`);
  await stack.purge();
  await stack.age(storageKey, hour);
  return storageKey;
}

test('sends a message for a frame whose event was lost, in any organization', async () => {
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

test('measures 8 frames with lost events only once with three concurrent workers', async () => {
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

test('ignores a backlog, and detects lost events behind it by newer messages', async () => {
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
  // A message that was sent half an hour ago was received, so those of an hour ago were lost.
  await reconcile({}, sent(30 * minute));
  expect(await waiting()).toBe(3);
  await stack.runOnce();
  expect((await session.images()).find((image) => image.storage_key === lost)).toMatchObject({ status: 'processed' });
  expect(await statuses(session)).toEqual(['processed', 'processed', 'processed']);
});

test('requeues an unfinished upload three times, then fails it with a reason, and revives it on a later message', async () => {
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
  expect(image?.failure?.message).toMatch(/measuring it failed repeatedly/);
  // A redrive of the dead-letter queue does the same.
  await stack.queue.send(s3Message({ bucket: stack.bucket, key }));
  await stack.runOnce();
  expect((await session.images())[0]).toMatchObject({ status: 'processed', failure: null, width: 320 });
});

test('expires a missing upload some time after its URL, and revives it when it arrives', async () => {
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

test('ignores recent frames and recent uploads of old frames', async () => {
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

test('continues with the other uploads if one fails', async () => {
  const session = await stack.newSession();
  const bad = await lose(session, 1);
  await lose(session, 2);
  const failing = (error: Error) => ({
    ...stack.objects,
    head: (...args: Parameters<typeof stack.objects.head>) =>
      args[0] === bad ? Promise.reject(error) : stack.objects.head(...args),
  });
  await reconcile({}, { objects: failing(new Error('of the test')) });
  await stack.runOnce();
  expect(await statuses(session)).toEqual(['pending', 'processed']);
  // The store can read every object except this one.
  const unreadable = new ObjectStoreUnavailable('damaged', null);
  await lose(session, 3);
  await expect(reconcile({}, { objects: failing(unreadable) })).rejects.toBe(unreadable);
  await stack.runOnce();
  expect(await statuses(session)).toEqual(['pending', 'processed', 'processed']);
});

test('continues with the other frames and organizations if a frame cannot be marked as failed', async () => {
  const sessions = [await stack.newSession(), await stack.newSession()];
  sessions.sort((a, b) => (a.orgId < b.orgId ? -1 : 1));
  const expiresAt = new Date(Date.now() - minute);
  const frames: string[] = [];
  for (const [k, session] of sessions.entries())
    for (const slot of ['angle_015', 'angle_030']) {
      const bytes = Buffer.from(`not a photo: ${k} ${slot}`);
      const { id, put } = await session.announce(bytes, slot, { kind: 'preview', expiresAt });
      await put(bytes);
      frames.push(id);
    }
  await stack.runOnce();
  expect(await Promise.all(sessions.map(statuses))).toEqual(Array(2).fill(['pending', 'pending']));
  const recover = await stack.failChanges('images', 'id', frames[0] ?? '');
  await reconcile();
  expect(await Promise.all(sessions.map(statuses))).toEqual([
    ['pending', 'failed'],
    ['failed', 'failed'],
  ]);
  await recover();
  await reconcile();
  expect(await Promise.all(sessions.map(statuses))).toEqual(Array(2).fill(['failed', 'failed']));
});

test('continues with the other organizations if the uploads of one cannot be claimed', async () => {
  const sessions = [await stack.newSession(), await stack.newSession()];
  sessions.sort((a, b) => (a.orgId < b.orgId ? -1 : 1));
  for (const session of sessions) await lose(session, 1);
  const recover = await stack.failChanges('uploads', 'org_id', sessions[0]?.orgId ?? '');
  await reconcile();
  await recover();
  await stack.runOnce();
  expect(await Promise.all(sessions.map(statuses))).toEqual([['pending'], ['processed']]);
});

test('ends the round if the store is down or the signal aborts', async () => {
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

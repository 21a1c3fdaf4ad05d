import { ObjectStoreUnavailable } from '@spinbay/objects';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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
import { type ReconcileTimes, reconcileImages } from './reconcile-images.ts';

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
const reconcile = (times: Partial<ReconcileTimes> = {}, over: Partial<TestStack['deps']> = {}) =>
  reconcileImages({ ...stack.deps, ...over }, { patienceMs: 0, graceMs: 0, ...times }, never, quiet);

const statuses = async (session: TestSession) => (await session.images()).map((image) => image.status);

/** A frame whose event got lost. */
async function lose(session: TestSession, seed: number): Promise<string> {
  const { storageKey } = await session.upload(await detailedFrame(seed), `angle_${15 * seed}`);
  await stack.purge();
  return storageKey;
}

test('a frame whose event was lost is processed, in whichever organization', async () => {
  const sessions = [await stack.newSession(), await stack.newSession()];
  for (const session of sessions) await lose(session, 1);
  await reconcile();
  for (const session of sessions) {
    expect(await session.images()).toMatchObject([{ status: 'processed', angle_deg: 15, qc_version: 1 }]);
    expect(await session.version()).toBe(2);
  }
  await reconcile();
  expect(await sessions[0]?.version()).toBe(2);
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

test('a young frame is left alone, and so is one that was reserved long ago and uploaded just now', async () => {
  const session = await stack.newSession();
  await lose(session, 1);
  const old = await lose(session, 2);
  await stack.database.admin.query(`update uploads set created_at = now() - interval '1 hour' where storage_key = $1`, [
    old,
  ]);
  await reconcile({ patienceMs: 10 * minute });
  expect(await statuses(session)).toEqual(['pending', 'pending']);
});

test('a frame that cannot be processed does not hold back the others', async () => {
  const session = await stack.newSession();
  const bad = await lose(session, 1);
  await lose(session, 2);
  const objects = {
    ...stack.objects,
    download: (...args: Parameters<typeof stack.objects.download>) => {
      if (args[0] === bad) throw new Error('of the test');
      return stack.objects.download(...args);
    },
  };
  await reconcile({}, { objects });
  expect(await statuses(session)).toEqual(['pending', 'processed']);
});

test('a store that is away ends the round, and so does the signal', async () => {
  const session = await stack.newSession();
  await lose(session, 1);
  await stack.stopCloud();
  await expect(reconcile()).rejects.toBeInstanceOf(ObjectStoreUnavailable);
  await stack.startCloud();
  const reason = new Error('stopping');
  const times = { patienceMs: 0, graceMs: 0 };
  await expect(reconcileImages(stack.deps, times, AbortSignal.abort(reason), quiet)).rejects.toBe(reason);
  expect(await statuses(session)).toEqual(['pending']);
  await reconcile();
  expect(await statuses(session)).toEqual(['processed']);
});

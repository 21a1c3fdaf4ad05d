import { eraseSession } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detailedFrame, never, quiet, startTestStack, type TestSession, type TestStack } from '../../testing.ts';
import { eraseDue } from './erase-due.ts';
import { removeLatePhotos } from './remove-late-photos.ts';
import type { DeletionDeps } from './remove-objects.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const objectsOf = ({ orgId }: TestSession) => stack.objects.list(`org/${orgId}/`);
const jobs = async ({ orgId }: TestSession): Promise<number | null> =>
  (await stack.database.admin.query('select from late_photos where org_id = $1', [orgId])).rowCount;
/** Makes all late photos due, as if their leases had expired. */
const passTime = () => stack.database.admin.query('update late_photos set next_try_at = now()');
const work = () => removeLatePhotos(stack.deps, never, quiet);

let seed = 700;
/** An erased session, and a way to upload to it with a URL that was signed before. */
async function eraseEmptySession() {
  const session = await stack.newSession();
  const frames = [await detailedFrame(seed++), await detailedFrame(seed++)];
  const uploads = await Promise.all(frames.map((bytes, k) => session.announce(bytes, `angle_0${15 * (k + 1)}.jpg`)));
  await session.tenant.transact((tx) =>
    eraseSession(tx, session.sessionId, { eraseAfter: new Date(), confirmed: true }, { type: 'system' }),
  );
  await eraseDue(stack.deps, never, quiet);
  return { session, put: (k: number) => uploads[k]?.put(frames[k] ?? Buffer.of()) };
}

test('the worker leaves a late photo to a job, which removes only the photos of that session', async () => {
  const { session, put } = await eraseEmptySession();
  const other = await stack.newSession(session);
  await other.upload(await detailedFrame(seed++), 'angle_000.jpg');
  await put(0);
  await stack.runOnce();
  expect(await objectsOf(session)).toHaveLength(5);
  expect(await jobs(session)).toBe(1);
  await work();
  const left = await objectsOf(session);
  expect(left).toHaveLength(4);
  for (const { key } of left) expect(key).toContain(other.sessionId);
  expect(await jobs(session)).toBe(0);
});

test('a photo of a session whose erasure can be undone is not removed', async () => {
  const session = await stack.newSession();
  const bytes = await detailedFrame(seed++);
  const upload = await session.announce(bytes, 'angle_000.jpg');
  const eraseAfter = new Date(Date.now() + 3_600_000);
  await session.tenant.transact((tx) =>
    eraseSession(tx, session.sessionId, { eraseAfter, confirmed: true }, { type: 'system' }),
  );
  await upload.put(bytes);
  await stack.runOnce();
  expect(await jobs(session)).toBe(0);
  // Even a job that should not exist does not remove it.
  await stack.database.admin.query(
    'insert into late_photos (org_id, id, deletion_id) select org_id, gen_random_uuid(), id from deletions where entity_id = $1',
    [session.sessionId],
  );
  await work();
  expect(await objectsOf(session)).toHaveLength(1);
});

class Killed extends Error {}

test.each(['listing', 'removal', 'row'] as const)(
  'a job that is killed before the %s is repeated after its lease',
  async (step) => {
    const { session, put } = await eraseEmptySession();
    await put(0);
    await stack.runOnce();
    const stopping = new AbortController();
    const kill = () => {
      stopping.abort(new Killed());
      return Promise.reject(new Killed());
    };
    let removed = false;
    const objects: DeletionDeps['objects'] = {
      list: (prefix, options) =>
        step === 'listing' || (step === 'row' && removed) ? kill() : stack.objects.list(prefix, options),
      remove: async (key) => {
        if (step === 'removal') return kill();
        await stack.objects.remove(key);
        removed = true;
      },
    };
    await expect(removeLatePhotos({ ...stack.deps, objects }, stopping.signal, quiet)).rejects.toThrow(Killed);
    expect(await objectsOf(session)).toHaveLength(step === 'row' ? 0 : 1);
    // The lease of the killed job has not ended.
    await work();
    expect(await jobs(session)).toBe(1);
    await passTime();
    await work();
    expect(await objectsOf(session)).toEqual([]);
    expect(await jobs(session)).toBe(0);
  },
);

test('a job that fails is retried, and does not stop the others', async () => {
  const [broken, fine] = [await eraseEmptySession(), await eraseEmptySession()];
  for (const { put } of [broken, fine]) await put(0);
  await stack.runOnce();
  const objects: DeletionDeps['objects'] = {
    list: (prefix, options) => stack.objects.list(prefix, options),
    remove: (key) =>
      key.includes(broken.session.sessionId) ? Promise.reject(new Error('denied')) : stack.objects.remove(key),
  };
  const errors: object[] = [];
  const log = { ...quiet, info: () => undefined, error: (facts: object) => errors.push(facts) } as unknown as Logger;
  await removeLatePhotos({ ...stack.deps, objects }, never, log);
  expect(errors).toMatchObject([{ err: { message: 'denied' } }]);
  expect([await jobs(broken.session), await jobs(fine.session)]).toEqual([1, 0]);
  await passTime();
  await work();
  expect(await objectsOf(broken.session)).toEqual([]);
});

test('a job that cannot be claimed does not stop the others', async () => {
  const [broken, fine] = [await eraseEmptySession(), await eraseEmptySession()];
  for (const { put } of [broken, fine]) {
    await put(0);
    await stack.runOnce();
  }
  const recover = await stack.failChanges('late_photos', 'org_id', broken.session.orgId);
  await work();
  await recover();
  expect([await jobs(broken.session), await jobs(fine.session)]).toEqual([1, 0]);
  await work();
  expect(await jobs(broken.session)).toBe(0);
});

test('a photo that arrives while another one is removed is removed, too', async () => {
  const { session, put } = await eraseEmptySession();
  await put(0);
  await stack.runOnce();
  let listed = 0;
  const objects: DeletionDeps['objects'] = {
    list: async (prefix, options) => {
      const found = await stack.objects.list(prefix, options);
      // The job has just seen that nothing is left.
      if (++listed === 2) {
        await put(1);
        await stack.runOnce();
      }
      return found;
    },
    remove: (key) => stack.objects.remove(key),
  };
  await removeLatePhotos({ ...stack.deps, objects }, never, quiet);
  expect(await objectsOf(session)).toHaveLength(1);
  expect(await jobs(session)).toBe(1);
  await work();
  expect(await objectsOf(session)).toEqual([]);
  expect(await jobs(session)).toBe(0);
});

import { randomUUID } from 'node:crypto';
import { eraseSession, type OrgStore, type Store } from '@spinbay/core';
import { ObjectStoreUnavailable } from '@spinbay/objects';
import type { Logger, OrphanRemoval } from '@spinbay/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detailedFrame, never, quiet, startTestStack, type TestSession, type TestStack } from '../../testing.ts';
import type { DeletionDeps } from './remove-objects.ts';
import { createOrphanRemoval } from './remove-orphans.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const day = 24 * 3_600_000;
const keys = async () => (await stack.objects.list('org/')).map(({ key }) => key);
/** Checks the whole bucket, a few objects at a time. */
async function sweep(): Promise<void> {
  const remove = createOrphanRemoval(stack.deps, { removal: 'guarded', limit: 3 });
  const rounds = Math.ceil((await keys()).length / 3) + 1;
  for (let round = 0; round < rounds; round++) await remove(never, quiet);
}

test('an object without a row is removed after a day, unless it may still get a row', async () => {
  const session = await stack.newSession();
  const { orgId, siteId, sessionId } = session;
  const photo = await session.upload(await detailedFrame(1), 'angle_000.jpg');
  await stack.runOnce();
  const awaited = await session.announce(await detailedFrame(2), 'angle_015.jpg');
  await awaited.put(await detailedFrame(2));
  const keyIn = (id: string) => `org/${orgId}/site/${siteId}/session/${id}/${randomUUID()}.jpg`;
  const ofNoSession = randomUUID();
  const gone = [keyIn(ofNoSession), `${keyIn(ofNoSession)}_thumb_150.jpg`];
  const unannounced = keyIn(sessionId);
  const fresh = keyIn(ofNoSession);
  const foreign = `org/${orgId}/notes.txt`;
  for (const key of [...gone, unannounced, fresh, foreign])
    await stack.objects.put(key, Buffer.from('x'), { contentType: 'image/jpeg' });
  for (const key of await keys()) if (key !== fresh) await stack.age(key, 2 * day);
  // Data that can be restored still has rows.
  const hidden = await stack.newSession();
  const kept = await hidden.upload(await detailedFrame(3), 'angle_000.jpg');
  await stack.age(kept.storageKey, 30 * day);
  const eraseAfter = new Date(Date.now() + day);
  await hidden.tenant.transact((tx) =>
    eraseSession(tx, hidden.sessionId, { eraseAfter, confirmed: true }, { type: 'system' }),
  );

  const before = await keys();
  await sweep();
  expect((await keys()).sort()).toEqual(before.filter((key) => !gone.includes(key)).sort());
  expect(await keys()).toEqual(expect.arrayContaining([photo.storageKey, awaited.storageKey, kept.storageKey]));

  // It is now 16 days old, longer than a message lives in the dead-letter queue.
  await stack.age(unannounced, 14 * day);
  await sweep();
  expect(await keys()).not.toContain(unannounced);
});

test('a bucket whose objects mostly have no row keeps them, because the database may be the wrong one', async () => {
  const { orgId, siteId } = await stack.newSession();
  const lost = Array.from(
    { length: 24 },
    () => `org/${orgId}/site/${siteId}/session/${randomUUID()}/${randomUUID()}.jpg`,
  );
  for (const key of lost) {
    await stack.objects.put(key, Buffer.from('x'), { contentType: 'image/jpeg' });
    await stack.age(key, 2 * day);
  }
  const errors: object[] = [];
  const log = { ...quiet, error: (facts: object) => errors.push(facts) } as unknown as Logger;
  const round = (removal: OrphanRemoval) => createOrphanRemoval(stack.deps, { removal })(never, log);
  await round('guarded');
  expect(await keys()).toEqual(expect.arrayContaining(lost));
  expect(errors).toMatchObject([{ orphans: 24 }]);
  await round('off');
  expect(await keys()).toEqual(expect.arrayContaining(lost));
  await round('always');
  expect(await keys()).not.toEqual(expect.arrayContaining([lost[0]]));
});

/** An object without a row in each of these sessions' organizations, two days old. */
async function lose(...sessions: TestSession[]): Promise<string[]> {
  const lost = sessions.map(
    ({ orgId, siteId }) => `org/${orgId}/site/${siteId}/session/${randomUUID()}/${randomUUID()}.jpg`,
  );
  for (const key of lost) {
    await stack.objects.put(key, Buffer.from('x'), { contentType: 'image/jpeg' });
    await stack.age(key, 2 * day);
  }
  return lost.sort();
}

test('an object that cannot be removed does not stop the others', async () => {
  const session = await stack.newSession();
  const lost = await lose(session, session, session);
  const objects: DeletionDeps['objects'] = {
    list: (prefix, options) => stack.objects.list(prefix, options),
    remove: (key) => (key === lost[0] ? Promise.reject(new Error('denied')) : stack.objects.remove(key)),
  };
  await createOrphanRemoval({ ...stack.deps, objects }, { removal: 'always' })(never, quiet);
  expect((await keys()).filter((key) => lost.includes(key))).toEqual([lost[0]]);
});

test('an object that the store refuses to remove does not hold up the next page', async () => {
  const session = await stack.newSession();
  const lost = (await lose(session, session, session, session)).sort();
  const objects: DeletionDeps['objects'] = {
    list: async (_, { after } = {}) =>
      (await stack.objects.list('org/')).filter(({ key }) => lost.includes(key) && key > (after ?? '')).slice(0, 2),
    remove: (key) =>
      key === lost[0] ? Promise.reject(new ObjectStoreUnavailable('denied', 403)) : stack.objects.remove(key),
  };
  const remove = createOrphanRemoval({ ...stack.deps, objects }, { removal: 'always', limit: 2 });
  await expect(remove(never, quiet)).rejects.toThrow('denied');
  await remove(never, quiet);
  expect((await keys()).filter((key) => lost.includes(key))).toEqual([lost[0]]);
});

test('an organization whose objects cannot be looked up does not stop the others', async () => {
  const [broken, fine] = [await stack.newSession(), await stack.newSession()].sort((a, b) =>
    a.orgId < b.orgId ? -1 : 1,
  );
  if (broken === undefined || fine === undefined) throw new Error('no session');
  const lost = await lose(broken, fine);
  const failing: OrgStore = { ...broken.tenant, transact: () => Promise.reject(new Error('of the test')) };
  const store: Store = {
    ...stack.deps.store,
    forOrg: (orgId, sites) => (orgId === broken.orgId ? failing : stack.deps.store.forOrg(orgId, sites)),
  };
  await createOrphanRemoval({ ...stack.deps, store }, { removal: 'always' })(never, quiet);
  expect((await keys()).filter((key) => lost.includes(key))).toEqual([lost[0]]);
});

import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishImage, unpublishImage } from '../images/publish-images.ts';
import { lockSession } from '../sessions/lock-session.ts';
import type { OrgTx } from '../store/org-tx.ts';
import { angle, measured, startShooting } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { expireUpload } from '../uploads/expire-upload.ts';
import { originalOf } from '../uploads/upload-state.ts';
import { pruneChanges } from './prune-changes.ts';
import { beforeAllChanges, type ChangePosition, type ReadChange, readChanges } from './read-changes.ts';
import { type Change, recordChange } from './record-change.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

type Shooting = Awaited<ReturnType<typeof startShooting>>;

/** All readable changes, in pages of three. */
async function readAll(after = beforeAllChanges): Promise<ReadChange[]> {
  const page = await readChanges(database.store, after, 3);
  const last = page.at(-1);
  return last === undefined ? page : [...page, ...(await readAll(last.position))];
}

const changesOf = async ({ sessionId }: Shooting) =>
  (await readAll()).filter((change) => change.sessionId === sessionId);

/** The numbers in the types of the test changes. */
const numbersOf = (changes: readonly ReadChange[]) =>
  changes.flatMap(({ type }) => (type.startsWith('test ') ? [Number(type.slice(5))] : []));
/** A change is readable when no transaction of the server can still write an earlier one. */
const eventually = (after: ChangePosition | undefined) => expect.poll(async () => numbersOf(await readAll(after)));

async function record(tx: OrgTx, { sessionId }: Shooting, number: number): Promise<void> {
  const session = await lockSession(tx, sessionId);
  if (session === undefined) throw new Error('no session');
  await recordChange(tx, session, { type: `test ${number}` } as unknown as Change);
}

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Records a change in a transaction that stays open until `commit` is called. */
async function recordAndWait(shooting: Shooting, number: number) {
  const [recorded, committing] = [gate(), gate()];
  const done = shooting.tenant.transact(async (tx) => {
    await record(tx, shooting, number);
    recorded.open();
    await committing.opened;
  });
  await Promise.race([recorded.opened, done]);
  return {
    commit: () => {
      committing.open();
      return done;
    },
  };
}

test('every change of a session, its frames and its slots is written with it, in order, with ids only', async () => {
  const shooting = await startShooting(database);
  const { tenant, shoot, announce, become, userId, siteIds, orgId } = shooting;
  const first = await shoot(angle(0));
  const second = await shoot(angle(0), measured('failed'));
  const publish = (id: typeof first, override = false) =>
    tenant.transact((tx) => publishImage(tx, id, { userId, override, preview: false }));
  await publish(first);
  await publish(second, true);
  await tenant.transact((tx) => unpublishImage(tx, second, userId));
  const lost = await announce(angle(90), { expiresAt: new Date(Date.now() - 1000) });
  await tenant.transact((tx) => expireUpload(tx, originalOf(lost.id), new Date()));
  for (const status of ['completed', 'active', 'abandoned'] as const) await become(status);

  const settled = { type: 'slot.settled', imageId: null };
  const read = async () => (await changesOf(shooting)).map(({ type, imageId }) => ({ type, imageId }));
  await expect
    .poll(read)
    .toEqual([
      { type: 'session.created', imageId: null },
      settled,
      { type: 'image.processed', imageId: first },
      { type: 'image.failed', imageId: second },
      { type: 'image.published', imageId: first },
      settled,
      { type: 'image.unpublished', imageId: first },
      { type: 'image.published', imageId: second },
      settled,
      { type: 'image.unpublished', imageId: second },
      settled,
      settled,
      { type: 'image.expired', imageId: lost.id },
      { type: 'session.completed', imageId: null },
      { type: 'session.reopened', imageId: null },
      { type: 'session.abandoned', imageId: null },
    ]);
  const recorded = await changesOf(shooting);
  for (const change of recorded)
    expect(change).toMatchObject({ orgId, siteId: siteIds[0], sessionId: shooting.sessionId });
  const slots = await database.admin.query('select id from slots where session_id = $1 order by position', [
    shooting.sessionId,
  ]);
  expect(new Set(recorded.flatMap(({ slotId }) => slotId ?? []))).toEqual(
    new Set(slots.rows.slice(0, 2).map(({ id }) => id)),
  );
});

test('rolled-back changes are not reported', async () => {
  const shooting = await startShooting(database);
  const failed = shooting.tenant.transact(async (tx) => {
    await record(tx, shooting, 1);
    throw new Error('rolled back');
  });
  await expect(failed).rejects.toThrow('rolled back');
  await shooting.tenant.transact((tx) => record(tx, shooting, 2));
  await expect
    .poll(async () => (await changesOf(shooting)).map(({ type }) => type))
    .toEqual(['session.created', 'test 2']);
});

test('a transaction that commits late is not skipped, regardless of which began first', async () => {
  const [one, other] = [await startShooting(database), await startShooting(database)];
  const from = (await readAll()).at(-1)?.position;
  const early = await recordAndWait(one, 1);
  const late = await recordAndWait(other, 2);
  // The second commits first. A reader that read it now would continue after it and never see the first.
  await late.commit();
  expect(numbersOf(await readAll(from))).toEqual([]);
  await early.commit();
  await eventually(from).toEqual([1, 2]);
  const [third, fourth] = [await recordAndWait(one, 3), await recordAndWait(other, 4)];
  await third.commit();
  await eventually(from).toEqual([1, 2, 3]);
  await fourth.commit();
  await eventually(from).toEqual([1, 2, 3, 4]);
});

test('changes of one session are in the order in which they were made, even if the later transaction began first', async () => {
  const shooting = await startShooting(database);
  const [wrote, mayContinue] = [gate(), gate()];
  // Like a device's transaction that writes `last_seen`: it has a transaction id, but not yet the session's lock.
  const older = shooting.tenant.transact(async (tx) => {
    await tx.run(sql`update devices set last_seen = now() where ${tx.ofOrg('devices')}`);
    wrote.open();
    await mayContinue.opened;
    await record(tx, shooting, 2);
  });
  await Promise.race([wrote.opened, older]);
  await shooting.tenant.transact((tx) => record(tx, shooting, 1));
  mayContinue.open();
  await older;
  await expect.poll(async () => numbersOf(await changesOf(shooting))).toEqual([1, 2]);
});

test('readers that poll continuously while many sessions change get each change once', async () => {
  const shootings = await Promise.all(Array.from({ length: 4 }, () => startShooting(database)));
  let after = beforeAllChanges;
  const seen: ReadChange[] = [];
  const mine = new Set(shootings.map(({ sessionId }) => sessionId));
  const count = shootings.length * 20;
  const reading = (async () => {
    while (seen.length < count) {
      const page = await readChanges(database.store, after, 5);
      seen.push(...page.filter(({ sessionId, type }) => mine.has(sessionId) && type.startsWith('test ')));
      after = page.at(-1)?.position ?? after;
    }
  })();
  const numbers = Array.from({ length: 20 }, (_, k) => k);
  // Two writers per session, so that there are no more concurrent transactions than connections.
  const write = async (shooting: Shooting, rest: number) => {
    for (const k of numbers.filter((number) => number % 2 === rest))
      await shooting.tenant.transact((tx) => record(tx, shooting, k));
  };
  await Promise.all([reading, ...shootings.flatMap((shooting) => [write(shooting, 0), write(shooting, 1)])]);
  expect(numbersOf(await readAll(after))).toEqual([]);
  for (const { sessionId } of shootings) {
    const { rows } = await database.admin.query(
      `select id from outbox where session_id = $1 and type like 'test %' order by id`,
      [sessionId],
    );
    const read = seen.filter((change) => change.sessionId === sessionId);
    expect(read.map(({ position }) => position.id)).toEqual(rows.map(({ id }) => id));
    expect(numbersOf(read).toSorted((a, b) => a - b)).toEqual(numbers);
  }
});

test('old changes are removed in bounded numbers, and those of other organizations stay', async () => {
  const [mine, other] = [await startShooting(database), await startShooting(database)];
  for (let k = 0; k < 5; k++) await mine.tenant.transact((tx) => record(tx, mine, k));
  const age = `update outbox set created_at = now() - interval '8 days' where org_id = $1 and type <> 'test 4'`;
  for (const { orgId } of [mine, other]) await database.admin.query(age, [orgId]);
  const prune = () => mine.tenant.transact((tx) => pruneChanges(tx, new Date(Date.now() - 7 * 24 * 3_600_000), 3));
  expect([await prune(), await prune(), await prune()]).toEqual([3, 2, 0]);
  await expect.poll(async () => numbersOf(await changesOf(mine))).toEqual([4]);
  expect((await changesOf(other)).length).toBeGreaterThan(0);
});

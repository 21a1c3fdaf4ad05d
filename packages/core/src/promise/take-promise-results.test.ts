import { promisedSeconds } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { angle, startShooting } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { takePromiseResults } from './take-promise-results.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

type Shooting = Awaited<ReturnType<typeof startShooting>>;

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const take = ({ tenant }: Shooting) => tenant.transact((tx) => takePromiseResults(tx, 100));

/** Lets the promised seconds after a completion pass. */
async function letTimePass({ sessionId }: Shooting): Promise<void> {
  await database.admin.query(
    'update sessions set promise_due_at = promise_due_at - make_interval(secs => $2) where id = $1',
    [sessionId, promisedSeconds + 1],
  );
}

async function completed(more: { capturedAt?: Date } = {}): Promise<Shooting> {
  const shooting = await startShooting(database);
  await shooting.shoot(angle(0), undefined, more);
  await shooting.become('completed');
  return shooting;
}

test('a completed session is taken once, when its promised seconds are over', async () => {
  const shooting = await completed();
  expect(await take(shooting)).toEqual([]);
  await letTimePass(shooting);
  const results = await Promise.all([take(shooting), take(shooting), take(shooting)]);
  expect(results.flat()).toMatchObject([{ id: shooting.sessionId, kept: true }]);
  expect(results.flat()[0]?.seconds).toBeLessThan(promisedSeconds);
  expect(await take(shooting)).toEqual([]);
});

test('a session whose last frame was visible too late is slow, with its seconds', async () => {
  const shooting = await completed({ capturedAt: ago(100) });
  await letTimePass(shooting);
  const [result] = await take(shooting);
  expect(result).toMatchObject({ kept: false });
  expect(result?.seconds).toBeGreaterThanOrEqual(100);
});

test('a session is slow while one of its photos waits, even if nothing is processed', async () => {
  const shooting = await startShooting(database);
  await shooting.shoot(angle(0));
  await shooting.announce(angle(90));
  await shooting.become('completed');
  await letTimePass(shooting);
  expect(await take(shooting)).toMatchObject([{ kept: false, seconds: null }]);
  const nothing = await startShooting(database);
  await nothing.announce(angle(0));
  await nothing.become('completed');
  await letTimePass(nothing);
  expect(await take(nothing)).toMatchObject([{ kept: false, seconds: null }]);
});

test('a reopened session is taken when it is completed again', async () => {
  const shooting = await completed();
  await letTimePass(shooting);
  await shooting.become('active');
  expect(await take(shooting)).toEqual([]);
  await shooting.become('completed');
  await letTimePass(shooting);
  expect(await take(shooting)).toHaveLength(1);
});

test('sessions without photos, and those with imported photos alone, do not count', async () => {
  const empty = await startShooting(database);
  await empty.become('completed');
  const imported = await startShooting(database);
  const { id } = await imported.announce(angle(0));
  await database.admin.query(`update images set captured_by = 'import' where id = $1`, [id]);
  await imported.become('completed');
  for (const shooting of [empty, imported]) {
    await letTimePass(shooting);
    expect(await take(shooting)).toEqual([]);
    const left = 'select promise_due_at from sessions where id = $1';
    expect((await database.admin.query(left, [shooting.sessionId])).rows).toEqual([{ promise_due_at: null }]);
  }
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { never, quiet, startTestStack, type TestSession, type TestStack } from '../../testing.ts';
import { pruneOutbox } from './prune-outbox.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

/** The age of these organizations' changes in days. */
async function agesOf(...sessions: TestSession[]): Promise<number[]> {
  const { rows } = await stack.database.admin.query(
    `select extract(day from now() - created_at)::int as days from outbox where org_id = any($1) order by days`,
    [sessions.map(({ orgId }) => orgId)],
  );
  return rows.map(({ days }) => days);
}

/** Creates an organization with one change per age. Each is a second older, so that one of 7 days has certainly expired. */
async function startWithChanges(...days: number[]): Promise<TestSession> {
  const session = await stack.newSession();
  await stack.database.admin.query('delete from outbox where org_id = $1', [session.orgId]);
  await stack.database.admin.query(
    `insert into outbox (org_id, xact_id, type, site_id, session_id, created_at)
     select $1, 1, 'session.created', $2, $3, now() - make_interval(days => d, secs => 1) from unnest($4::int[]) d`,
    [session.orgId, session.siteId, session.sessionId, days],
  );
  return session;
}

test('removes the changes of all organizations after seven days', async () => {
  const sessions = [await startWithChanges(0, 6, 8, 30), await startWithChanges(1, 7, 9)];
  await pruneOutbox(stack.deps.store, never, quiet);
  expect(await agesOf(...sessions)).toEqual([0, 1, 6]);
});

test('removes a backlog of changes in several rounds', async () => {
  const session = await startWithChanges(...Array<number>(5_001).fill(8), 1);
  await pruneOutbox(stack.deps.store, never, quiet);
  expect(await agesOf(session)).toEqual([1, 8]);
  await pruneOutbox(stack.deps.store, never, quiet);
  expect(await agesOf(session)).toEqual([1]);
});

test('an organization whose changes cannot be removed does not stop the others', async () => {
  const sessions = [await startWithChanges(1, 8), await startWithChanges(1, 8)];
  sessions.sort((a, b) => (a.orgId < b.orgId ? -1 : 1));
  const recover = await stack.failChanges('outbox', 'org_id', sessions[0]?.orgId ?? '');
  await pruneOutbox(stack.deps.store, never, quiet);
  await recover();
  expect(await Promise.all(sessions.map((session) => agesOf(session)))).toEqual([[1, 8], [1]]);
});

test('stops pruning when the worker stops', async () => {
  const session = await startWithChanges(8);
  const reason = new Error('stopping');
  await expect(pruneOutbox(stack.deps.store, AbortSignal.abort(reason), quiet)).rejects.toBe(reason);
  expect(await agesOf(session)).toEqual([8]);
});

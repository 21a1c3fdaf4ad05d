import { updateOrganization } from '@spinbay/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { never, quiet, startTestStack, type TestSession, type TestStack } from '../../testing.ts';
import { expireEvents } from './expire-events.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

/** Creates an audit line and a reported event for each of these ages in days. */
async function startWithEvents(...days: number[]): Promise<TestSession> {
  const session = await stack.newSession();
  await stack.database.admin.query('delete from events where org_id = $1', [session.orgId]);
  await stack.database.admin.query(
    `insert into events (org_id, id, entity_type, type, actor_type, reported, created_at)
     select $1, gen_random_uuid(), 'session', 'test', 'system', r, now() - make_interval(days => d)
     from unnest($2::int[]) d cross join unnest(array[true, false]) r`,
    [session.orgId, days],
  );
  return session;
}

async function agesOf({ orgId }: TestSession) {
  const { rows } = await stack.database.admin.query(
    `select reported, extract(day from now() - created_at)::int as days from events
     where org_id = $1 and type = 'test' order by days`,
    [orgId],
  );
  const ages = (reported: boolean) => rows.filter((row) => row.reported === reported).map((row) => row.days);
  return { reported: ages(true), audit: ages(false) };
}

test('the events of all organizations expire after the configured number of days', async () => {
  const sessions = [await startWithEvents(1, 399, 401), await startWithEvents(2, 800)];
  await expireEvents(stack.deps.store, 400, never, quiet);
  expect(await Promise.all(sessions.map(agesOf))).toEqual([
    { reported: [1, 399], audit: [1, 399] },
    { reported: [2], audit: [2] },
  ]);
});

test('an organization whose events cannot be deleted does not stop the others', async () => {
  const sessions = [await startWithEvents(1, 401), await startWithEvents(1, 401)];
  sessions.sort((a, b) => (a.orgId < b.orgId ? -1 : 1));
  const recover = await stack.failChanges('events', 'org_id', sessions[0]?.orgId ?? '');
  await expireEvents(stack.deps.store, 400, never, quiet);
  await recover();
  expect(await Promise.all(sessions.map(agesOf))).toEqual([
    { reported: [1, 401], audit: [1, 401] },
    { reported: [1], audit: [1] },
  ]);
});

test('an organization can set how long its audit log is kept, but not how long reported events are', async () => {
  for (const [audit_days, kept] of [
    [1_000, [1, 399, 401]],
    [100, [1]],
  ] as const) {
    const session = await startWithEvents(1, 399, 401);
    await session.tenant.transact((tx) => updateOrganization(tx, { audit_days }, { type: 'system' }));
    await expireEvents(stack.deps.store, 400, never, quiet);
    expect(await agesOf(session)).toEqual({ reported: [1, 399], audit: kept });
  }
});

test('no event of the last 30 days is deleted, with any setting', async () => {
  const session = await startWithEvents(29, 31);
  await expireEvents(stack.deps.store, 0, never, quiet);
  expect(await agesOf(session)).toEqual({ reported: [29], audit: [29] });
});

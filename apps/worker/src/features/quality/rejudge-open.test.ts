import { getRejudgement, listOpenRejudgements, requestRejudgement, updateOrganization } from '@spinbay/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detailedFrame, never, quiet, startTestStack, type TestSession, type TestStack } from '../../testing.ts';
import { rejudgeOpen } from './rejudge-open.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const actor = { type: 'system' as const };

test('the worker judges the frames of every organization that requested it, without reading a photo', async () => {
  const sessions = [await stack.newSession(), await stack.newSession(), await stack.newSession()];
  for (const [n, session] of sessions.entries()) await session.upload(await detailedFrame(n), 'angle_000.jpg');
  await stack.runOnce();
  const [first, second, other] = sessions;
  for (const session of [first, second]) {
    await session?.tenant.transact(async (tx) => {
      await updateOrganization(tx, { qc_profile: 'v3', qc_edge_width_fail: 1 }, actor);
      await requestRejudgement(tx, actor);
    });
  }
  const unread = { measure: () => Promise.reject(new Error('a photo was read')) };
  await rejudgeOpen({ ...stack.deps, measurer: unread } as typeof stack.deps, never, quiet);
  for (const session of [first, second]) {
    expect(await session?.tenant.read((tx) => getRejudgement(tx))).toMatchObject({ total: 1, done: 1, changed: 1 });
    expect(await session?.images()).toMatchObject([{ status: 'failed', qc_version: 3 }]);
  }
  expect(await other?.images()).toMatchObject([{ status: 'processed', qc_version: 1 }]);
});

test('an organization whose rejudgement cannot be changed does not stop the others', async () => {
  const sessions = [await stack.newSession(), await stack.newSession()];
  for (const [n, session] of sessions.entries()) {
    await session.upload(await detailedFrame(20 + n), 'angle_000.jpg');
    await session.tenant.transact((tx) => requestRejudgement(tx, actor));
  }
  await stack.runOnce();
  const done = () =>
    Promise.all(
      sessions.map(({ tenant }) => tenant.read(async (tx) => (await getRejudgement(tx))?.finished_at !== null)),
    );
  const [first] = await listOpenRejudgements(stack.deps.store);
  const recover = await stack.failChanges('qc_rejudgements', 'org_id', first ?? '');
  await rejudgeOpen(stack.deps, never, quiet);
  await recover();
  expect(await done()).toEqual(sessions.map(({ orgId }) => orgId !== first));
  await rejudgeOpen(stack.deps, never, quiet);
  expect(await done()).toEqual([true, true]);
});

/** Rounds of one organization, each as if the next attempt were due. */
function roundsOf({ orgId, tenant }: TestSession) {
  const { admin } = stack.database;
  return {
    request: () => tenant.transact((tx) => requestRejudgement(tx, actor)),
    state: () => tenant.read((tx) => getRejudgement(tx)),
    /** @returns how many seconds the next attempt waits */
    async round(): Promise<number> {
      await admin.query('update qc_rejudgements set retry_at = now() where org_id = $1', [orgId]);
      await rejudgeOpen(stack.deps, never, quiet);
      const { rows } = await admin.query<{ s: number | null }>(
        'select round(extract(epoch from retry_at - now()))::int as s from qc_rejudgements where org_id = $1',
        [orgId],
      );
      return rows[0]?.s ?? 0;
    },
    newestEvent: async () => {
      const sql = 'select type, meta from events where org_id = $1 order by id desc limit 1';
      return (await admin.query(sql, [orgId])).rows[0];
    },
  };
}

/** Stores figures that no version of the worker has written. @returns a function that restores them */
async function breakFigures({ sessionId }: TestSession): Promise<() => Promise<void>> {
  const { admin } = stack.database;
  const { rows } = await admin.query<{ qc: object }>('select qc from images where session_id = $1', [sessionId]);
  const set = async (qc: unknown) => {
    await admin.query('update images set qc = $2 where session_id = $1', [sessionId, qc]);
  };
  await set({});
  return () => set(rows[0]?.qc);
}

test('a session that cannot be judged is retried with growing pauses and then left out: all others are judged', async () => {
  const first = await stack.newSession();
  const inside = [first, await stack.newSession(first), await stack.newSession(first)];
  const other = await stack.newSession();
  for (const [n, session] of [...inside, other].entries())
    await session.upload(await detailedFrame(n), 'angle_000.jpg');
  await stack.runOnce();
  // The second of the three sessions, in the order in which the worker judges them.
  const broken = inside.toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1))[1] ?? first;
  const repair = await breakFigures(broken);
  const { request, state, round, newestEvent } = roundsOf(first);
  await Promise.all([request(), roundsOf(other).request()]);
  const waits = [await round()];
  expect(await roundsOf(other).state()).toMatchObject({ done: 1, failures: 0, left_out: 0 });
  expect(await state()).toMatchObject({ done: 1, failures: 1, left_out: 0, finished_at: null });
  // A round before the next attempt is due does nothing.
  await rejudgeOpen(stack.deps, never, quiet);
  expect(await state()).toMatchObject({ failures: 1 });
  waits.push(await round(), await round());
  for (const [n, wait] of waits.entries()) expect(Math.abs(wait - 15 * 2 ** n), `wait ${n}`).toBeLessThan(15);
  expect(await state()).toMatchObject({ done: 1, failures: 3, left_out: 1, finished_at: null });
  await round();
  const ended = { done: 2, failures: 0, left_out: 1, gave_up: false, finished_at: expect.any(Date) };
  expect(await state()).toMatchObject(ended);
  expect(await newestEvent()).toEqual({
    type: 'organization.frames_rejudged',
    meta: { frames: 2, changed: 0, left_out: 1 },
  });

  await repair();
  await request();
  await round();
  expect(await state()).toMatchObject({ done: 3, left_out: 0, finished_at: expect.any(Date) });
});

test('a rejudgement ends if no session can be judged', async () => {
  const first = await stack.newSession();
  const sessions = [first, await stack.newSession(first), await stack.newSession(first)];
  for (const [n, session] of sessions.entries()) await session.upload(await detailedFrame(n), 'angle_000.jpg');
  await stack.runOnce();
  for (const session of sessions) await breakFigures(session);
  const { request, state, round, newestEvent } = roundsOf(first);
  await request();
  for (let n = 1; n <= 7; n++) await round();
  expect(await state()).toMatchObject({ done: 0, failures: 7, left_out: 2, gave_up: false, finished_at: null });
  await round();
  expect(await state()).toMatchObject({ done: 0, failures: 8, gave_up: true, finished_at: expect.any(Date) });
  expect(await newestEvent()).toEqual({ type: 'organization.rejudgement_failed', meta: { frames: 3, done: 0 } });
});

test('a new photo is judged by the choice of its organization', async () => {
  const session = await stack.newSession();
  await session.tenant.transact((tx) => updateOrganization(tx, { qc_profile: 'v3' }, actor));
  await session.upload(await detailedFrame(7), 'angle_000.jpg');
  await stack.runOnce();
  expect(await session.images()).toMatchObject([{ qc_version: 3 }]);
});

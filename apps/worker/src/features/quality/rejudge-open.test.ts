import { getRejudgement, requestRejudgement, updateOrganization } from '@spinbay/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detailedFrame, never, quiet, startTestStack, type TestStack } from '../../testing.ts';
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

test('a session that cannot be judged is retried with growing pauses and then given up, and other organizations are not affected', async () => {
  const [broken, other] = [await stack.newSession(), await stack.newSession()];
  for (const [n, session] of [broken, other].entries()) await session.upload(await detailedFrame(n), 'angle_000.jpg');
  await stack.runOnce();
  const { admin } = stack.database;
  const org = broken.orgId;
  const { rows } = await admin.query<{ qc: object }>('select qc from images where org_id = $1', [org]);
  const ask = ({ tenant }: typeof broken) => tenant.transact((tx) => requestRejudgement(tx, actor));
  const state = () => broken.tenant.read((tx) => getRejudgement(tx));
  const waits = async () => {
    const found = await admin.query<{ s: number }>(
      'select round(extract(epoch from retry_at - now()))::int as s from qc_rejudgements where org_id = $1',
      [org],
    );
    return found.rows[0]?.s ?? 0;
  };
  const round = () => rejudgeOpen(stack.deps, never, quiet);
  const due = () => admin.query('update qc_rejudgements set retry_at = now() where org_id = $1', [org]);

  // Figures that no version of the worker has written.
  await admin.query(`update images set qc = '{}' where org_id = $1`, [org]);
  await Promise.all([ask(broken), ask(other)]);
  await round();
  expect(await other.tenant.read((tx) => getRejudgement(tx))).toMatchObject({ done: 1, failures: 0 });
  expect(await state()).toMatchObject({ done: 0, failures: 1, gave_up: false, finished_at: null });
  // A round before the next attempt is due does nothing.
  await round();
  expect(await state()).toMatchObject({ failures: 1 });
  const seen = [await waits()];
  for (let n = 2; n <= 7; n++) {
    await due();
    await round();
    seen.push(await waits());
  }
  for (const [n, wait] of seen.entries()) expect(Math.abs(wait - 15 * 2 ** n), `wait ${n}`).toBeLessThan(15);
  await due();
  await round();
  expect(await state()).toMatchObject({ done: 0, failures: 8, gave_up: true, finished_at: expect.any(Date) });
  const events = await admin.query('select type, meta from events where org_id = $1 order by id desc limit 1', [org]);
  expect(events.rows).toEqual([{ type: 'organization.rejudgement_failed', meta: { frames: 1, done: 0 } }]);

  // It can be requested again, and one session that succeeds resets the count of failures.
  await ask(broken);
  await round();
  expect(await state()).toMatchObject({ failures: 1, gave_up: false });
  await admin.query('update images set qc = $2 where org_id = $1', [org, rows[0]?.qc]);
  await due();
  await round();
  expect(await state()).toMatchObject({ done: 1, failures: 0, gave_up: false, finished_at: expect.any(Date) });
});

test('a new photo is judged by the choice of its organization', async () => {
  const session = await stack.newSession();
  await session.tenant.transact((tx) => updateOrganization(tx, { qc_profile: 'v3' }, actor));
  await session.upload(await detailedFrame(7), 'angle_000.jpg');
  await stack.runOnce();
  expect(await session.images()).toMatchObject([{ qc_version: 3 }]);
});

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

test('the worker judges the frames of every organization that asked for it, and no photo is read', async () => {
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

test('a new photo is judged by the choice of its organization', async () => {
  const session = await stack.newSession();
  await session.tenant.transact((tx) => updateOrganization(tx, { qc_profile: 'v3' }, actor));
  await session.upload(await detailedFrame(7), 'angle_000.jpg');
  await stack.runOnce();
  expect(await session.images()).toMatchObject([{ qc_version: 3 }]);
});

import { updateSession } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detailedFrame, never, startTestStack, type TestStack } from '../../testing.ts';
import { logPromise } from './log-promise.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

test('each completed session of each organization is logged once, with whether the promise was kept', async () => {
  const [quick, slow] = [await stack.newSession(), await stack.newSession()];
  await quick.upload(await detailedFrame(1), 'angle_0.jpg');
  await stack.runOnce();
  await slow.announce(await detailedFrame(2), 'angle_0.jpg');
  for (const { tenant, sessionId } of [quick, slow])
    await tenant.transact((tx) => updateSession(tx, sessionId, { status: 'completed' }, { type: 'system' }));
  await stack.database.admin.query('update sessions set promise_due_at = now()');
  const lines: unknown[] = [];
  const log = { info: (fields: object) => lines.push(fields) } as unknown as Logger;
  await logPromise(stack.deps.store, never, log);
  await logPromise(stack.deps.store, never, log);
  const sessions = new Map([
    [quick.sessionId, true],
    [slow.sessionId, false],
  ]);
  expect(lines).toHaveLength(2);
  for (const [session_id, promise_kept] of sessions)
    expect(lines).toContainEqual(expect.objectContaining({ session_id, promise_kept }));
});

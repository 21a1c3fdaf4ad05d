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

test('an organization whose sessions cannot be read does not stop the others', async () => {
  const sessions = [await stack.newSession(), await stack.newSession()];
  sessions.sort((a, b) => (a.orgId < b.orgId ? -1 : 1));
  for (const { announce, tenant, sessionId } of sessions) {
    await announce(await detailedFrame(3), 'angle_0.jpg');
    await tenant.transact((tx) => updateSession(tx, sessionId, { status: 'completed' }, { type: 'system' }));
  }
  await stack.database.admin.query('update sessions set promise_due_at = now()');
  const [lines, errors]: [unknown[], unknown[]] = [[], []];
  const log = {
    info: (fields: object) => lines.push(fields),
    error: (fields: object) => errors.push(fields),
  } as unknown as Logger;
  const recover = await stack.failChanges('sessions', 'org_id', sessions[0]?.orgId ?? '');
  await logPromise(stack.deps.store, never, log);
  await recover();
  expect(errors).toMatchObject([{ org_id: sessions[0]?.orgId, err: { message: 'of the test' } }]);
  expect(lines).toContainEqual(expect.objectContaining({ session_id: sessions[1]?.sessionId }));
});

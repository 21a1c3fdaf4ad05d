import { afterEach, expect, test, vi } from 'vitest';
import { createMemoryAdapter } from './memory-adapter.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('an entry expires', async () => {
  vi.useFakeTimers();
  const codes = createMemoryAdapter()('AuthorizationCode');
  await codes.upsert('one', { grantId: 'g' }, 60);
  vi.advanceTimersByTime(59_999);
  expect(await codes.find('one')).toMatchObject({ grantId: 'g' });
  vi.advanceTimersByTime(2);
  expect(await codes.find('one')).toBeUndefined();
});

test('models are separate, and a revoked grant removes everything that depends on it', async () => {
  const adapter = createMemoryAdapter();
  const [sessions, codes, tokens] = [adapter('Session'), adapter('AuthorizationCode'), adapter('AccessToken')];
  await sessions.upsert('x', { uid: 'u' }, 60);
  await codes.upsert('x', { grantId: 'g' }, 60);
  await tokens.upsert('y', { grantId: 'g' }, 60);
  expect(await sessions.findByUid('u')).toMatchObject({ uid: 'u' });
  expect(await codes.findByUid('u')).toBeUndefined();
  await codes.revokeByGrantId('g');
  expect([await codes.find('x'), await tokens.find('y')]).toEqual([undefined, undefined]);
  expect(await sessions.find('x')).toBeDefined();
});

test('the use of a code is recorded', async () => {
  const codes = createMemoryAdapter()('AuthorizationCode');
  await codes.upsert('one', {}, 60);
  await codes.consume('one');
  expect(await codes.find('one')).toHaveProperty('consumed');
});

test('beyond 5000 entries it drops the oldest', async () => {
  const sessions = createMemoryAdapter()('Session');
  for (let i = 0; i <= 5000; i++) await sessions.upsert(`s${i}`, {}, 60);
  expect(await sessions.find('s0')).toBeUndefined();
  expect(await sessions.find('s1')).toBeDefined();
});

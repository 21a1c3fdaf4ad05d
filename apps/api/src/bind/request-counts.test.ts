import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMemoryCounts } from './request-counts.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('counts each caller of each bucket for a minute from the first request', async () => {
  const counts = createMemoryCounts();
  expect(await counts.add('a', 'x', 1)).toEqual({ points: 1, msLeft: 60_000 });
  vi.advanceTimersByTime(20_000);
  expect(await counts.add('a', 'x', 24)).toEqual({ points: 25, msLeft: 40_000 });
  expect(await counts.add('a', 'y', 1)).toEqual({ points: 1, msLeft: 60_000 });
  expect(await counts.add('b', 'x', 1)).toEqual({ points: 1, msLeft: 60_000 });
  vi.advanceTimersByTime(39_999);
  expect((await counts.add('a', 'x', 1)).points).toBe(26);
  vi.advanceTimersByTime(1);
  expect(await counts.add('a', 'x', 1)).toEqual({ points: 1, msLeft: 60_000 });
  expect((await counts.add('a', 'y', 1)).points).toBe(2);
});

test('keeps a limited number of callers per bucket, and forgets the window that ends next', async () => {
  const counts = createMemoryCounts(3);
  const pointsOf = async (caller: string, bucket = 'a') => (await counts.add(bucket, caller, 1)).points;
  for (const caller of ['1', '2', '3']) await pointsOf(caller);
  expect(await pointsOf('1')).toBe(2);
  await pointsOf('1', 'another bucket');
  expect(await pointsOf('4')).toBe(1);
  // The window of caller 1 was dropped: the others are still counted.
  expect([await pointsOf('2'), await pointsOf('3'), await pointsOf('4')]).toEqual([2, 2, 2]);
  expect(await pointsOf('1')).toBe(1);
  expect(await pointsOf('1', 'another bucket')).toBe(2);
});

test('a flood of callers uses bounded memory', async () => {
  const counts = createMemoryCounts(1_000);
  for (let k = 0; k < 100_000; k++) await counts.add('a', `caller ${k}`, 1);
  expect((await counts.add('a', 'caller 99999', 1)).points).toBe(2);
  expect((await counts.add('a', 'caller 98999', 1)).points).toBe(1);
});

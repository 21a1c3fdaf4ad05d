import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchShot } from './watch-shot.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a photo that the camera does not deliver is reported once', async () => {
  const onLate = vi.fn();
  watchShot(new Promise(() => undefined), onLate);
  await vi.runAllTimersAsync();
  expect(onLate).toHaveBeenCalledOnce();
});

test('a photo that the camera delivers or refuses is not reported', async () => {
  const onLate = vi.fn();
  watchShot(Promise.resolve(), onLate);
  watchShot(Promise.reject(new Error('no')), onLate);
  await vi.runAllTimersAsync();
  expect(onLate).not.toHaveBeenCalled();
});

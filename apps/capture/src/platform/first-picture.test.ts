import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { untilStarted } from './first-picture.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => undefined);

test('a camera that sends its first picture has started', async () => {
  expect(await untilStarted(Promise.resolve('camera'))).toBe('camera');
  expect(vi.getTimerCount()).toBe(0);
});

test('a camera that sends no picture is reported after some seconds', async () => {
  const outcome = untilStarted(never).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  expect(await outcome).toMatchObject({ name: 'CameraError', fault: 'silent' });
});

test('the time in the background does not count', async () => {
  let hidden = true;
  const settled = vi.fn();
  untilStarted(never, () => hidden).catch(settled);
  await vi.advanceTimersToNextTimerAsync();
  await vi.advanceTimersToNextTimerAsync();
  expect(settled).not.toHaveBeenCalled();
  hidden = false;
  await vi.runAllTimersAsync();
  expect(settled).toHaveBeenCalledOnce();
});

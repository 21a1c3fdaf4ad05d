import { resolveObjectURL } from 'node:buffer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { objectUrl } from './object-url.web.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a picture that is still loading when its screen closes is loaded; later its memory is freed', () => {
  const { url, release } = objectUrl(new Blob(['picture']));
  release();
  expect(resolveObjectURL(url)).toBeDefined();
  vi.runAllTimers();
  expect(resolveObjectURL(url)).toBeUndefined();
});

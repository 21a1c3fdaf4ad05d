import { expect, it } from 'vitest';
import { relativeTime, spanLeft } from './relative-time.ts';

const second = 1000;
const hour = 3_600_000;

it('gives a time relative to now in its largest unit, for past and future', () => {
  expect(relativeTime(0, 20 * second)).toBe('just now');
  expect(relativeTime(20 * second, 0)).toBe('in under a minute');
  expect(relativeTime(0, 61 * second)).toBe('1 min ago');
  expect(relativeTime(0, 3 * hour)).toBe('3 h ago');
  expect(relativeTime(0, 24 * hour)).toBe('1 day ago');
  expect(relativeTime(7 * 24 * hour - second, 0)).toBe('in 7 days');
});

it('counts down in the two largest units', () => {
  expect(spanLeft(0)).toBe('0 s');
  expect(spanLeft(8_100)).toBe('9 s');
  expect(spanLeft(249 * second)).toBe('4 min 9 s');
  expect(spanLeft(hour)).toBe('1 h');
  expect(spanLeft(28 * hour)).toBe('1 d 4 h');
});

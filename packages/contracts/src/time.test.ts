import { expect, test } from 'vitest';
import { isPlausibleTime } from './time.ts';

test('a time from the year 2000 to tomorrow is plausible', () => {
  const now = Date.parse('2026-05-04T09:30:00Z');
  const is = (text: string) => isPlausibleTime(new Date(text), now);
  expect(['2000-01-01T00:00:00Z', '2026-05-04T09:30:00Z', '2026-05-05T09:30:00Z'].map(is)).toEqual([true, true, true]);
  expect(
    ['1970-01-01T00:00:00Z', '1999-12-31T23:59:59Z', '2026-05-05T09:30:01Z', '2099-01-01T00:00:00Z', '?'].map(is),
  ).toEqual(Array(5).fill(false));
});

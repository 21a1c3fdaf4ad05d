import { expect, it } from 'vitest';
import { ageWords } from './age-words.ts';

const words = (seconds: number) => ageWords(seconds * 1000);

it('gives the age in the largest unit', () => {
  expect([2, 12, 59.9].map(words)).toEqual(['2 s ago', '12 s ago', '59 s ago']);
  expect([60, 3599].map(words)).toEqual(['1 min ago', '59 min ago']);
  expect([3600, 86_399].map(words)).toEqual(['1 h ago', '23 h ago']);
  expect([86_400, 3 * 86_400].map(words)).toEqual(['1 day ago', '3 days ago']);
});

it('handles future times and missing times', () => {
  for (const seconds of [1.9, 0, -1, -3 * 3600, Number.NaN]) expect(words(seconds)).toBe('just now');
});

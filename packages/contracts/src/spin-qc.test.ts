import { expect, test } from 'vitest';
import { hashDistance } from './spin-qc.ts';

test('hashDistance counts the bits that differ', () => {
  expect(hashDistance('0000000000000000', 'ffffffffffffffff')).toBe(64);
  expect(hashDistance('8000000000000001', '0000000000000000')).toBe(2);
  expect(hashDistance('c3a5963c5a69d2b4', 'c3a5963c5a69d2b4')).toBe(0);
});

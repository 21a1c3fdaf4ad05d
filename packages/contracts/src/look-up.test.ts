import { expect, test } from 'vitest';
import { lookUp } from './look-up.ts';

test('unknown values and inherited names such as "constructor" give the fallback', () => {
  const words = { active: 'Active', completed: 'Completed' };
  expect(lookUp(words, 'active', '?')).toBe('Active');
  for (const value of ['paused', '', 'constructor', '__proto__', 'toString'])
    expect(lookUp(words, value, '?')).toBe('?');
});

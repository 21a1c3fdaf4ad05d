import { expect, test } from 'vitest';
import { lookUp } from './look-up.ts';

test('a value that the table does not know has the fallback, and so have the names that every object has', () => {
  const words = { active: 'Active', completed: 'Completed' };
  expect(lookUp(words, 'active', '?')).toBe('Active');
  for (const value of ['paused', '', 'constructor', '__proto__', 'toString'])
    expect(lookUp(words, value, '?')).toBe('?');
});

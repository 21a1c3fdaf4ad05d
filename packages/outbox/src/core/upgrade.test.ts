import { expect, test } from 'vitest';
import { upgradeRow } from './upgrade.ts';

const upgrades = {
  1: (row: object) => ({ ...row, v: 1, second: true }),
  2: (row: object) => ({ ...row, v: 2, third: true }),
};

test('upgrades a row of an earlier version when it is read', () => {
  expect(upgradeRow({ v: 1, id: 'a' }, upgrades, 3)).toEqual({ v: 3, id: 'a', second: true, third: true });
  expect(upgradeRow({ v: 3, id: 'a' }, upgrades, 3)).toEqual({ v: 3, id: 'a' });
});

test('ignores a row of a later version', () => {
  expect(upgradeRow({ v: 4, id: 'a' }, upgrades, 3)).toBeNull();
});

import { expect, test } from 'vitest';
import { type ShootingNotice, withCheck } from './shooting-notice.ts';

const passed = { verdict: 'pass' as const, reasons: [] };
const blurry = { verdict: 'fail' as const, reasons: ['blurry'] };
const warning: ShootingNotice = { kind: 'qc', slot: 'angle_0', qc: blurry };

test('a photo with a fault gives a warning', () => {
  expect(withCheck(null, 'angle_0', blurry)).toEqual(warning);
});

test('a good photo of the same slot ends the warning, one of another slot does not', () => {
  expect(withCheck(warning, 'angle_0', passed)).toBeNull();
  expect(withCheck(warning, 'angle_15', passed)).toBe(warning);
});

test('a good photo does not hide that another one was not saved', () => {
  const notSaved: ShootingNotice = { kind: 'not_saved', slot: 'angle_0', full: true };
  expect(withCheck(notSaved, 'angle_0', passed)).toBe(notSaved);
});

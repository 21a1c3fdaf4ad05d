import { expect, test } from 'vitest';
import { Vin, vinCheckDigit, vinWarnings } from './vin.ts';

test('VINs have 17 characters without I, O and Q', () => {
  expect(Vin.parse(' 1hgcm82633a004352 ')).toBe('1HGCM82633A004352');
  for (const vin of [
    '1HGCM82633A00435',
    '1HGCM82633A0043522',
    '1HGCM82633A00435I',
    'OHGCM82633A004352',
    '1HGCM82633A00435Q',
  ])
    expect(Vin.safeParse(vin).success).toBe(false);
});

test('the check digit follows the regulation, with X for ten', () => {
  // The well-known examples: 17 ones, and one with remainder ten.
  expect(vinCheckDigit('11111111111111111')).toBe('1');
  expect(vinCheckDigit('1M8GDM9AXKP042788')).toBe('X');
  expect(vinCheckDigit('1HGCM82633A004352')).toBe('3');
  expect(vinCheckDigit('5GZCZ43D13S812715')).toBe('1');
});

test('a wrong check digit in North America gives a warning with the right digit', () => {
  expect(vinWarnings('1HGCM82633A004352')).toEqual([]);
  const [warning] = vinWarnings('1HGCM82643A004352');
  expect(warning).toMatchObject({ code: 'vin_check_digit', message: expect.stringContaining('is 4') });
  expect(warning?.message).toContain('require 3');
  // Two characters are swapped.
  expect(vinWarnings('1HGCM82633A004325')).toHaveLength(1);
});

test('other regions use position 9 differently, and a missing VIN gives no warning', () => {
  expect(vinWarnings('WVWZZZ1JZXW000001')).toEqual([]);
  expect(vinWarnings('9BWZZZ377VT004251')).toEqual([]);
  expect(vinWarnings(null)).toEqual([]);
});

import { expect, test } from 'vitest';
import { scanCodes, startScan, vinOfCode } from './scanned-vin.ts';

const vin = '1HGCM82633A004352';

test.each([
  [vin, vin],
  [' 1hgcm82633a004352\r\n', vin],
  ['I1HGCM82633A004352', vin],
  ['WVWZZZ1JZXW000001', 'WVWZZZ1JZXW000001'],
  ['1HGCM82633A004353', '1HGCM82633A004353'],
])('the code %j contains the VIN %s', (text, found) => {
  expect(vinOfCode(text)).toBe(found);
});

test.each([
  '',
  'I',
  '1HGCM82633A00435',
  'I1HGCM82633A00435',
  'X1HGCM82633A004352',
  '1HGCM82633A00435O',
  'https://dealer.example/1HGCM82633A004352',
])('the code %j is not a VIN', (text) => {
  expect(vinOfCode(text)).toBeNull();
});

test('a VIN counts after two equal readings in a row, with or without pictures between them that show no code', () => {
  const once = scanCodes(startScan, [vin]);
  expect(once.vin).toBeNull();
  expect(scanCodes(once, [vin]).vin).toBe(vin);
  expect(scanCodes(scanCodes(once, []), [vin]).vin).toBe(vin);
  const misread = scanCodes(once, ['1HGCM82633A004852']);
  expect(misread.vin).toBeNull();
  expect(scanCodes(misread, [vin]).vin).toBeNull();
});

test('a code that is not a VIN is reported, unless a VIN is beside it', () => {
  expect(scanCodes(startScan, [' 4006381333931 ']).other).toBe('4006381333931');
  const both = scanCodes(startScan, ['4006381333931', vin]);
  expect(both.other).toBeNull();
  expect(scanCodes(both, [vin, '4006381333931']).vin).toBe(vin);
});

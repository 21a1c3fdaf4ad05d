import { expect, test } from 'vitest';
import { isSameVehicle, readVehicle, wrongCheckDigit } from './vehicle.ts';

test('a stock number or a VIN is enough, and both are normalized like on the server', () => {
  expect(readVehicle({ stock: ' a  1 ', vin: '' })).toEqual({ vehicle: { stock: 'A 1' } });
  expect(readVehicle({ stock: '', vin: ' 1hgcm82633a004352 ' })).toEqual({ vehicle: { vin: '1HGCM82633A004352' } });
});

test.each([
  [{ stock: ' ', vin: '' }, 'vehicle_needed'],
  [{ stock: 'A1', vin: '1HGCM82633A00435' }, 'vin_malformed'],
  [{ stock: 'A1', vin: '1HGCM82633A00435O' }, 'vin_malformed'],
  [{ stock: 'A'.repeat(65), vin: '' }, 'stock_too_long'],
  [{ stock: 'A\u0007', vin: '' }, 'stock_malformed'],
])('%j is refused: %s', (typed, fault) => {
  expect(readVehicle(typed)).toEqual({ fault });
});

test('a wrong check digit is reported for North American VINs', () => {
  expect(wrongCheckDigit('1HGCM82633A004353')).toEqual({ found: '3', due: '5' });
  expect(wrongCheckDigit('1HGCM82633A004352')).toBeNull();
  expect(wrongCheckDigit('WVWZZZ1JZXW000001')).toBeNull();
  expect(wrongCheckDigit('1HG')).toBeNull();
});

test('vehicles with one equal number are the same, unless the other number differs', () => {
  expect(isSameVehicle({ stock: 'A1' }, { stock: 'A1', vin: 'X' })).toBe(true);
  expect(isSameVehicle({ stock: 'A1', vin: 'Y' }, { stock: 'A1', vin: 'X' })).toBe(false);
  expect(isSameVehicle({ stock: 'A1' }, { vin: 'X' })).toBe(false);
});

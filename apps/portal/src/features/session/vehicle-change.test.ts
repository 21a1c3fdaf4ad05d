import { expect, test } from 'vitest';
import { texts } from '../../ui/texts.ts';
import { vehicleChange } from './vehicle-change.ts';

const vehicle = { stock: 'A1', vin: '1HGCM82633A004352' };

test('only changed numbers are sent, in normalized form', () => {
  expect(vehicleChange(vehicle, { stock: ' a1 ', vin: vehicle.vin.toLowerCase() })).toEqual({ body: {}, faults: {} });
  expect(vehicleChange(vehicle, { stock: 'b  2', vin: vehicle.vin })).toEqual({ body: { stock: 'B 2' }, faults: {} });
  expect(vehicleChange(vehicle, { stock: '', vin: '5YJ3E1EA2KF317000' })).toEqual({
    body: { stock: null, vin: '5YJ3E1EA2KF317000' },
    faults: {},
  });
});

test('invalid numbers give a fault for their field', () => {
  expect(vehicleChange(vehicle, { stock: 'A1', vin: '1HG' }).faults).toEqual({ vin: texts.vehicle.vinFault });
  expect(vehicleChange(vehicle, { stock: 'a\u0007', vin: '' }).faults).toEqual({ stock: texts.vehicle.stockFault });
  expect(vehicleChange(vehicle, { stock: ' ', vin: ' ' }).faults).toEqual({ stock: texts.vehicle.neither });
});

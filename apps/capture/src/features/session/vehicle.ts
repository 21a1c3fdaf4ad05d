import { StockNumber, Vin, vinCheckDigit, vinWarnings } from '@spinbay/contracts';

export interface VehicleNumbers {
  readonly stock?: string;
  readonly vin?: string;
}

export type VehicleFault = 'vehicle_needed' | 'vin_malformed' | 'stock_too_long' | 'stock_malformed';

/** Normalizes the input like the server. A value of spaces counts as empty. */
export function readVehicle(typed: {
  stock: string;
  vin: string;
}): { vehicle: VehicleNumbers } | { fault: VehicleFault } {
  const stock = typed.stock.trim() === '' ? undefined : StockNumber.safeParse(typed.stock);
  const vin = typed.vin.trim() === '' ? undefined : Vin.safeParse(typed.vin);
  if (stock === undefined && vin === undefined) return { fault: 'vehicle_needed' };
  if (vin?.success === false) return { fault: 'vin_malformed' };
  if (stock?.success === false) {
    const isTooLong = stock.error.issues.some(({ code }) => code === 'too_big');
    return { fault: isTooLong ? 'stock_too_long' : 'stock_malformed' };
  }
  return { vehicle: { ...(stock && { stock: stock.data }), ...(vin && { vin: vin.data }) } };
}

/** The check digit of a North American VIN, and the one that it should have, if they differ. */
export function wrongCheckDigit(typed: string): { found: string; due: string } | null {
  const vin = Vin.safeParse(typed);
  if (!vin.success || vinWarnings(vin.data).length === 0) return null;
  return { found: vin.data[8] ?? '', due: vinCheckDigit(vin.data) };
}

export function vehicleName({ stock, vin }: VehicleNumbers): string {
  return [stock, vin].filter(Boolean).join(' · ');
}

/** One equal number means the same vehicle, unless the other number differs. */
export function isSameVehicle(a: VehicleNumbers, b: VehicleNumbers): boolean {
  const same = (x: string | undefined, y: string | undefined) => x !== undefined && x === y;
  const differs = (x: string | undefined, y: string | undefined) => x !== undefined && y !== undefined && x !== y;
  if (differs(a.stock, b.stock) || differs(a.vin, b.vin)) return false;
  return same(a.stock, b.stock) || same(a.vin, b.vin);
}

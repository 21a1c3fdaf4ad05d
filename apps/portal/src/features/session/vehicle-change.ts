import { StockNumber, type Vehicle, Vin } from '@spinbay/contracts';
import { texts } from '../../ui/texts.ts';

interface Typed {
  readonly stock: string;
  readonly vin: string;
}

interface VehicleChange {
  /** The changed numbers. An emptied field is null. */
  readonly body: { stock?: string | null; vin?: string | null };
  readonly faults: Partial<Typed>;
}

/** Compares the input with the vehicle. @returns the change to send, or its faults */
export function vehicleChange(vehicle: Pick<Vehicle, 'stock' | 'vin'>, typed: Typed): VehicleChange {
  const stock = read(StockNumber, typed.stock);
  const vin = read(Vin, typed.vin);
  const faults: { stock?: string; vin?: string } = {};
  if (stock === undefined) faults.stock = texts.vehicle.stockFault;
  if (vin === undefined) faults.vin = texts.vehicle.vinFault;
  if (stock === null && vin === null) faults.stock = texts.vehicle.neither;
  return {
    body: {
      ...(stock !== undefined && stock !== vehicle.stock && { stock }),
      ...(vin !== undefined && vin !== vehicle.vin && { vin }),
    },
    faults,
  };
}

/** @returns null for an empty field, undefined for an invalid one */
function read(schema: typeof StockNumber | typeof Vin, text: string): string | null | undefined {
  return text.trim() === '' ? null : schema.safeParse(text).data;
}

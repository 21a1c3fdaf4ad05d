import { type Vehicle, vinWarnings } from '@spinbay/contracts';
import type { VehicleRow } from '@spinbay/core';

/** A vehicle as the API shows it. */
export function vehicleReply({ id, vin, stock, also_at }: Omit<VehicleRow, 'site_id'>): Vehicle {
  return { id, vin, stock, warnings: vinWarnings(vin), also_at };
}

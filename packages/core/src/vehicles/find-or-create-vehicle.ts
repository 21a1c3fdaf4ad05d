import { fail, type SiteId, type VehicleId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { newId } from '../new-id.ts';
import { isUniqueViolation } from '../store/faults.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

interface Wanted {
  readonly vin?: string | undefined;
  readonly stock?: string | undefined;
}

/**
 * The vehicle of a site with this VIN or stock number, made when there is none. Two requests at once get the same vehicle: the
 * unique keys decide, the loser reads the winner's row.
 * @returns a `vehicle_conflict` when VIN and stock number belong to different vehicles of the site; of other sites it says nothing
 */
export async function findOrCreateVehicle(tx: OrgTx, siteId: SiteId, wanted: Wanted) {
  await tx.run(
    build
      .insertInto('vehicles')
      .values({
        org_id: tx.orgId,
        id: newId<VehicleId>(),
        site_id: siteId,
        vin: wanted.vin ?? null,
        stock: wanted.stock ?? null,
      })
      // Waits for others that are making the same vehicle; the next statement then sees theirs.
      .onConflict((conflict) => conflict.doNothing()),
  );
  const found = await tx.run(
    build
      .selectFrom('vehicles')
      .select(['id', 'vin', 'stock'])
      .where(tx.ofOrg('vehicles'))
      .where('site_id', '=', siteId)
      .where((where) => where.or([where('vin', '=', wanted.vin ?? null), where('stock', '=', wanted.stock ?? null)])),
  );
  const [vehicle] = found;
  if (vehicle === undefined || found.length > 1) return fail('vehicle_conflict');
  if (differs(vehicle.vin, wanted.vin) || differs(vehicle.stock, wanted.stock)) {
    return fail(
      'vehicle_conflict',
      `The vehicle on record has VIN ${vehicle.vin ?? '-'} and stock number ${vehicle.stock ?? '-'}.`,
    );
  }
  if (isKnown(vehicle.vin, wanted.vin) && isKnown(vehicle.stock, wanted.stock)) return { id: vehicle.id };
  return completeVehicle(tx, vehicle.id, wanted);
}

/** Adds what was not known of a vehicle, unless somebody was faster and it is another now. */
async function completeVehicle(tx: OrgTx, id: VehicleId, wanted: Wanted) {
  const vin = wanted.vin ?? null;
  const stock = wanted.stock ?? null;
  try {
    const completed = await tx.first(
      sql<{ id: VehicleId }>`
        update vehicles v set vin = coalesce(v.vin, ${vin}), stock = coalesce(v.stock, ${stock})
        where ${tx.ofOrg('v')} and v.id = ${id} and coalesce(v.vin = ${vin}, true) and coalesce(v.stock = ${stock}, true)
        returning v.id`,
    );
    return completed ?? fail('vehicle_conflict', 'It was given another VIN or stock number just now.');
  } catch (error) {
    // The number was taken by a vehicle of its own between reading and writing.
    if (isUniqueViolation(error)) return fail('vehicle_conflict');
    throw error;
  }
}

function differs(known: string | null, wanted: string | undefined): boolean {
  return known !== null && wanted !== undefined && known !== wanted;
}

function isKnown(known: string | null, wanted: string | undefined): boolean {
  return wanted === undefined || known === wanted;
}

import { fail, type SiteId, type Vehicle, type VehicleId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { newId } from '../new-id.ts';
import { isUniqueViolation } from '../store/faults.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

interface Wanted {
  readonly vin?: string | undefined;
  readonly stock?: string | undefined;
}

/**
 * Finds or creates the vehicle of a site with this VIN or stock number. Two concurrent requests get the same vehicle: the
 * unique keys decide, and the loser reads the winner's row.
 * Locks the vehicle, so that it cannot be erased before the transaction has added a session to it.
 * @returns a `vehicle_conflict` if VIN and stock number belong to different vehicles of the site. Other sites do not matter.
 */
export async function findOrCreateVehicle(tx: OrgTx, siteId: SiteId, wanted: Wanted) {
  // If the vehicle is erased while this waits for its lock, its numbers are free for a new one.
  const found = (await findOrInsert(tx, siteId, wanted)) ?? (await findOrInsert(tx, siteId, wanted));
  if (found === undefined || found.length > 1) return fail('vehicle_conflict');
  const [vehicle] = found;
  if (differs(vehicle.vin, wanted.vin) || differs(vehicle.stock, wanted.stock)) {
    return fail(
      'vehicle_conflict',
      `The vehicle on record has VIN ${vehicle.vin ?? '-'} and stock number ${vehicle.stock ?? '-'}.`,
    );
  }
  if (isKnown(vehicle.vin, wanted.vin) && isKnown(vehicle.stock, wanted.stock)) return { id: vehicle.id };
  return completeVehicle(tx, vehicle.id, wanted);
}

type Found = Pick<Vehicle, 'id' | 'vin' | 'stock'>;

/** @returns the vehicles with one of these numbers, or undefined if there is none any more */
async function findOrInsert(tx: OrgTx, siteId: SiteId, wanted: Wanted): Promise<[Found, ...Found[]] | undefined> {
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
      // Waits for concurrent requests that create the same vehicle. The next statement then sees it.
      .onConflict((conflict) => conflict.doNothing()),
  );
  const found = await tx.run(
    build
      .selectFrom('vehicles')
      .select(['id', 'vin', 'stock'])
      .where(tx.ofOrg('vehicles'))
      .where('site_id', '=', siteId)
      .where((where) => where.or([where('vin', '=', wanted.vin ?? null), where('stock', '=', wanted.stock ?? null)]))
      .forKeyShare(),
  );
  const [vehicle, ...others] = found;
  return vehicle === undefined ? undefined : [vehicle, ...others];
}

/** Adds the missing number of a vehicle, unless a concurrent request changed the vehicle. */
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
    return completed ?? fail('vehicle_conflict', 'It has just been given another VIN or stock number.');
  } catch (error) {
    // Another vehicle got the number between reading and writing.
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

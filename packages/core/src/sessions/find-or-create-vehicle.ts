import { fail, type VehicleId } from '@spinbay/contracts';
import { newId } from '../new-id.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

/**
 * The vehicle with this VIN or stock number, made when there is none. Two requests at once get the same vehicle: the
 * unique keys decide, the loser reads the winner's row.
 * @returns a `vehicle_conflict` when VIN and stock number belong to different vehicles
 */
export async function findOrCreateVehicle(tx: OrgTx, wanted: { vin?: string | undefined; stock?: string | undefined }) {
  await tx.run(
    build
      .insertInto('vehicles')
      .values({ org_id: tx.orgId, id: newId<VehicleId>(), vin: wanted.vin ?? null, stock: wanted.stock ?? null })
      .onConflict((conflict) => conflict.doNothing()),
  );
  const found = await tx.run(
    build
      .selectFrom('vehicles')
      .select(['id', 'vin', 'stock'])
      .where(tx.ofOrg('vehicles'))
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
  const complete = { vin: vehicle.vin ?? wanted.vin ?? null, stock: vehicle.stock ?? wanted.stock ?? null };
  if (complete.vin !== vehicle.vin || complete.stock !== vehicle.stock) {
    await tx.run(build.updateTable('vehicles').set(complete).where(tx.ofOrg('vehicles')).where('id', '=', vehicle.id));
  }
  return { id: vehicle.id };
}

function differs(known: string | null, wanted: string | undefined): boolean {
  return known !== null && wanted !== undefined && known !== wanted;
}

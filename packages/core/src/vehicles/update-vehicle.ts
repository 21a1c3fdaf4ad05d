import { fail, type SiteId, type VehicleId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { changesOf } from '../events/changes.ts';
import { recordEvent } from '../events/record-event.ts';
import type { Caller } from '../store/access-check.ts';
import { isUniqueViolation } from '../store/faults.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { type AlsoAt, alsoAt } from './also-at.ts';

export interface VehicleChange {
  /** Null: unknown. */
  readonly vin?: string | null | undefined;
  /** Null: none. */
  readonly stock?: string | null | undefined;
}

export interface VehicleRow {
  readonly id: VehicleId;
  readonly site_id: SiteId;
  readonly vin: string | null;
  readonly stock: string | null;
  readonly also_at: AlsoAt[];
}

/**
 * Corrects VIN and stock number. Reviewers and administrators can do this at every site that they may see, devices and
 * operators only for the vehicle of their own active session.
 */
export async function updateVehicle(tx: OrgTx, id: VehicleId, change: VehicleChange, caller: Caller) {
  const current = await tx.first(
    build
      .selectFrom('vehicles')
      .select(['id', 'site_id', 'vin', 'stock'])
      .where(tx.ofOrg('vehicles'))
      .where(tx.ofVisibleSite('vehicles.site_id'))
      .$if(tx.deviceId !== null, (query) => query.where(hasVisibleSession(tx)))
      .where('id', '=', id)
      .forNoKeyUpdate(),
  );
  if (current === undefined) return fail('vehicle_not_found');
  if (!(await mayCorrect(tx, id, caller))) return fail('own_session_required');
  const before = { vin: current.vin, stock: current.stock };
  const after = {
    vin: change.vin === undefined ? before.vin : change.vin,
    stock: change.stock === undefined ? before.stock : change.stock,
  };
  if (after.vin === null && after.stock === null) {
    const path = change.vin === null ? 'body.vin' : 'body.stock';
    return fail('validation_failed', undefined, [{ path, message: 'a vehicle must keep a VIN or a stock number' }]);
  }
  const meta = changesOf(before, after);
  if (meta !== null) {
    const taken = await takenBy(tx, current, after);
    if (taken !== undefined) return fail('vehicle_conflict', taken);
    try {
      await tx.run(build.updateTable('vehicles').set(after).where(tx.ofOrg('vehicles')).where('id', '=', id));
    } catch (error) {
      // Another vehicle got the number between reading and writing.
      if (isUniqueViolation(error)) return fail('vehicle_conflict');
      throw error;
    }
    await recordEvent(tx, { entityType: 'vehicle', entityId: id, type: 'vehicle.corrected', meta, actor: caller });
  }
  return { vehicle: await readVehicle(tx, id) };
}

/** A device may see the vehicles of the sessions that it may read. */
function hasVisibleSession(tx: OrgTx) {
  return sql<boolean>`exists (select from sessions s
    where ${tx.ofOrg('s')} and s.vehicle_id = vehicles.id and ${tx.ofVisibleSession('s')})`;
}

async function mayCorrect(tx: OrgTx, id: VehicleId, caller: Caller): Promise<boolean> {
  if (caller.type === 'user' && caller.role !== 'operator') return true;
  const session = await tx.first(
    build
      .selectFrom('sessions')
      .select('id')
      .where(tx.ofOrg('sessions'))
      .where('vehicle_id', '=', id)
      .where('status', '=', 'active')
      .where(caller.type === 'device' ? 'device_id' : 'user_id', '=', caller.id)
      .limit(1),
  );
  return session !== undefined;
}

/** Describes another vehicle of the same site that has one of these numbers. @returns undefined if there is none */
async function takenBy(tx: OrgTx, { id, site_id }: Pick<VehicleRow, 'id' | 'site_id'>, wanted: Numbers) {
  const other = await tx.first(
    build
      .selectFrom('vehicles')
      .select(['vin', 'stock'])
      .where(tx.ofOrg('vehicles'))
      .where('site_id', '=', site_id)
      .where('id', '<>', id)
      .where((where) => where.or([where('vin', '=', wanted.vin), where('stock', '=', wanted.stock)])),
  );
  if (other === undefined) return undefined;
  if (other.stock !== null && other.stock === wanted.stock)
    return `Another vehicle of this site has stock number ${other.stock}${other.vin === null ? '' : ` and VIN ${other.vin}`}.`;
  return `VIN ${other.vin} belongs to ${other.stock === null ? 'another vehicle of this site' : `the vehicle with stock number ${other.stock}`}.`;
}

type Numbers = Pick<VehicleRow, 'vin' | 'stock'>;

export async function readVehicle(tx: OrgTx, id: VehicleId): Promise<VehicleRow> {
  const row = await tx.first(
    sql<VehicleRow>`
      select v.id, v.site_id, v.vin, v.stock, ${alsoAt(tx)} as also_at
      from vehicles v where ${tx.ofOrg('v')} and v.id = ${id}`,
  );
  if (row === undefined) throw new Error('a vehicle that was just written is missing');
  return row;
}

import type { VehicleId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/** The searchable columns, and the prefix to look for in each. */
function beginnings(q: string): [column: 'stock' | 'vin' | 'vin_reversed', start: string][] {
  return [
    ['stock', q],
    ['vin', q],
    ['vin_reversed', [...q].reverse().join('')],
  ];
}

/**
 * A range instead of LIKE: it needs no escapes, and its operators are leakproof, so indexes work with row-level
 * security. No stored value sorts after the last code point.
 */
function beginsWith(column: string, start: string): RawBuilder<boolean> {
  const ref = sql.ref(`v.${column}`);
  return sql<boolean>`(${ref} ~>=~ ${start} and ${ref} ~<~ ${`${start}\u{10ffff}`})`;
}

/** The condition that `q` finds vehicle `v`. */
export function isFoundBy(q: string): RawBuilder<boolean> {
  const each = beginnings(q).map(([column, start]) => beginsWith(column, start));
  return sql<boolean>`(${sql.join(each, sql` or `)})`;
}

/**
 * Vehicles of the caller's sites whose stock number begins with `q`, or whose VIN begins or ends with it.
 * @returns null when there are more than `limit`
 */
export async function findVehicles(tx: OrgTx, q: string, limit: number): Promise<VehicleId[] | null> {
  // In index order, so that the planner uses the index even if it expects many matches.
  const each = beginnings(q).map(
    ([column, start]) =>
      sql`(select v.id from vehicles v
        where ${tx.ofOrg('v')} and ${tx.ofVisibleSite('v.site_id')} and ${beginsWith(column, start)}
        order by ${sql.ref(`v.${column}`)} using ~<~ limit ${limit + 1})`,
  );
  const found = await tx.run(sql<{ id: VehicleId }>`${sql.join(each, sql` union `)}`);
  return found.length > limit ? null : found.map((row) => row.id);
}

/** Whether `q` finds this vehicle. */
export async function vehicleIsFound(tx: OrgTx, id: VehicleId, q: string): Promise<boolean> {
  const found = await tx.first(
    sql`select v.id from vehicles v
      where ${tx.ofOrg('v')} and ${tx.ofVisibleSite('v.site_id')} and v.id = ${id} and ${isFoundBy(q)}`,
  );
  return found !== undefined;
}

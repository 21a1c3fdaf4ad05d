import type { SiteId, VehicleId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/** A vehicle with the same VIN at another site. */
export interface AlsoAt {
  readonly vehicle_id: VehicleId;
  readonly site_id: SiteId;
  readonly site_name: string;
}

/** The maximum number of other sites in a reply. A VIN that exists at more sites is not a real VIN. */
const maxSites = 20;

/** The SQL expression for the other sites of vehicle `v` that the caller may see. Empty for devices, which do not need them. */
export function alsoAt(tx: OrgTx): RawBuilder<AlsoAt[]> {
  if (tx.deviceId !== null) return sql<AlsoAt[]>`'[]'::jsonb`;
  return sql<AlsoAt[]>`(
    select coalesce(jsonb_agg(to_jsonb(other) order by other.site_name, other.site_id), '[]')
    from (
      select o.id as vehicle_id, o.site_id, there.name as site_name
      from vehicles o join sites there on ${tx.ofOrg('there')} and there.id = o.site_id
      where ${tx.ofOrg('o')} and o.vin = v.vin and o.site_id <> v.site_id and ${tx.ofVisibleSite('o.site_id')}
      order by there.name, o.site_id limit ${maxSites}
    ) other
  )`;
}

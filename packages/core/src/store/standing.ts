import type { DeviceId, OrgId, Role, SiteId, UserId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import { CallerRefused } from './faults.ts';
import { isOrg } from './of-org.ts';
import type { SiteScope } from './org-tx.ts';

/** Who is calling, as a verified token says. */
export type Caller =
  | { readonly type: 'device'; readonly id: DeviceId; readonly orgId: OrgId }
  | {
      readonly type: 'user';
      readonly id: UserId;
      readonly orgId: OrgId;
      readonly role: Exclude<Role, 'device'>;
      readonly sites: readonly SiteId[];
    };

/** What the standing of a caller reads. */
export interface StandingRow {
  readonly ended: boolean;
  readonly role: Role;
  readonly sites: SiteId[];
}

/**
 * The statements that open a caller's transaction, behind the setting of its organization and in the same round trip:
 * so a revoked device or a disabled person is out with the next request, on every instance, with no cache to go stale.
 * The last of them answers with one `StandingRow`, or none.
 */
export function askStanding(caller: Caller, readOnly: boolean): RawBuilder<unknown>[] {
  const ofOrg = isOrg('org_id', caller.orgId);
  if (caller.type === 'user') {
    return [
      sql`select disabled_at is not null as ended, role,
        array(select site_id from user_site_access where ${ofOrg} and user_id = ${caller.id})::text[] as sites
        from users where ${ofOrg} and id = ${caller.id}`,
    ];
  }
  const standing = sql`select revoked_at is not null as ended, 'device' as role,
    array(select site_id from device_site_access where ${ofOrg} and device_id = ${caller.id})::text[] as sites
    from devices where ${ofOrg} and id = ${caller.id}`;
  // To five minutes: a write for every request would cost more than it tells.
  const seen = sql`update devices set last_seen = now()
    where ${ofOrg} and id = ${caller.id} and revoked_at is null and last_seen < now() - interval '5 minutes'`;
  return readOnly ? [standing] : [seen, standing];
}

/**
 * The sites that a caller may see now: a person those of the token which were not taken away since, a device those that
 * it is bound to, or all.
 * @throws CallerRefused when the caller is no more what the token says
 */
export function sitesOf(caller: Caller, standing: StandingRow | undefined): SiteScope {
  if (standing === undefined || standing.ended) throw new CallerRefused(`this ${caller.type} may not call any more`);
  if (caller.type === 'device') return standing.sites.length === 0 ? 'all' : standing.sites;
  if (standing.role !== caller.role) throw new CallerRefused('the role of this person has changed');
  const left = new Set(standing.sites);
  return caller.sites.filter((site) => left.has(site));
}

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
      /** Absent in tokens from before this claim: those end only together. */
      readonly tokenId?: string | undefined;
      readonly tokenGeneration: number;
    };

/** What the access check reads about a caller. */
export interface AccessRow {
  readonly ended: boolean;
  readonly role: Role;
  readonly sites: SiteId[];
}

/**
 * The statements that check a caller's access. Every transaction begins with them, in the round trip of its `begin`: a
 * revoked device, a disabled person or somebody who signed out is out with the next request, on every instance, without a cache that could be stale.
 * The last statement returns one `AccessRow`, or none.
 */
export function accessStatements(caller: Caller, readOnly: boolean): RawBuilder<unknown>[] {
  const ofOrg = isOrg('org_id', caller.orgId);
  // One that is to be erased is hidden already.
  const orgIsGone = sql`not exists (select from organizations where ${isOrg('id', caller.orgId)})`;
  if (caller.type === 'user') {
    const endedByItself =
      caller.tokenId === undefined
        ? sql``
        : sql` or exists (select from ended_tokens where ${ofOrg} and token_id = ${caller.tokenId})`;
    return [
      sql`select disabled_at is not null or token_generation <> ${caller.tokenGeneration}${endedByItself} or ${orgIsGone} as ended, role,
        array(select site_id from user_site_access where ${ofOrg} and user_id = ${caller.id})::text[] as sites
        from users where ${ofOrg} and id = ${caller.id}`,
    ];
  }
  const access = sql`select revoked_at is not null or ${orgIsGone} as ended, 'device' as role,
    array(select site_id from device_site_access where ${ofOrg} and device_id = ${caller.id})::text[] as sites
    from devices where ${ofOrg} and id = ${caller.id}`;
  // At most every five minutes: a write for every request would cost more than it tells.
  const seen = sql`update devices set last_seen = now()
    where ${ofOrg} and id = ${caller.id} and revoked_at is null and last_seen < now() - interval '5 minutes'`;
  return readOnly ? [access] : [seen, access];
}

/**
 * The sites that a caller may see now: a person those of their token that were not taken away since, a device those that
 * it is bound to, or all.
 * @throws CallerRefused when the database no longer agrees with the token
 */
export function checkAccess(caller: Caller, row: AccessRow | undefined): SiteScope {
  if (row === undefined || row.ended) throw new CallerRefused(`this ${caller.type} has no access any more`);
  if (caller.type === 'device') return row.sites.length === 0 ? 'all' : row.sites;
  if (row.role !== caller.role) throw new CallerRefused('the role of this person has changed');
  const current = new Set(row.sites);
  return caller.sites.filter((site) => current.has(site));
}

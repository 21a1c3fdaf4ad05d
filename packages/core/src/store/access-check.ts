import type { DeviceId, OrgId, Role, SiteId, UserId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import { CallerRefused } from './faults.ts';
import { isOrg } from './of-org.ts';
import type { SiteScope } from './org-tx.ts';

/** The caller, according to a verified token. */
export type Caller =
  | { readonly type: 'device'; readonly id: DeviceId; readonly orgId: OrgId }
  | {
      readonly type: 'user';
      readonly id: UserId;
      readonly orgId: OrgId;
      readonly role: Exclude<Role, 'device'>;
      readonly sites: readonly SiteId[];
      /** Older tokens lack this claim. They can only be ended all together. */
      readonly tokenId?: string | undefined;
      readonly tokenGeneration: number;
    };

/** The result of the access check. */
export interface AccessRow {
  readonly ended: boolean;
  readonly role: Role;
  readonly sites: SiteId[];
}

/**
 * The statements that check a caller's access. Every transaction of a caller starts with them, in the round trip of its `begin`.
 * So the next request of a revoked device, a disabled person or a signed-out person is refused on every instance, without a
 * cache that could be stale. The last statement returns one `AccessRow`, or none.
 */
export function accessStatements(caller: Caller, readOnly: boolean): RawBuilder<unknown>[] {
  const ofOrg = isOrg('org_id', caller.orgId);
  // An organization with a scheduled erasure is already hidden.
  const orgIsGone = sql`not exists (select from organizations where ${isOrg('id', caller.orgId)})`;
  if (caller.type === 'user') {
    const orTokenEnded =
      caller.tokenId === undefined
        ? sql``
        : sql` or exists (select from ended_tokens where ${ofOrg} and token_id = ${caller.tokenId})`;
    return [
      sql`select disabled_at is not null or token_generation <> ${caller.tokenGeneration}${orTokenEnded} or ${orgIsGone} as ended, role,
        array(select site_id from user_site_access where ${ofOrg} and user_id = ${caller.id})::text[] as sites
        from users where ${ofOrg} and id = ${caller.id}`,
    ];
  }
  const access = sql`select revoked_at is not null or ${orgIsGone} as ended, 'device' as role,
    array(select site_id from device_site_access where ${ofOrg} and device_id = ${caller.id})::text[] as sites
    from devices where ${ofOrg} and id = ${caller.id}`;
  // At most every five minutes, because a write per request would be too expensive.
  const seen = sql`update devices set last_seen = now()
    where ${ofOrg} and id = ${caller.id} and revoked_at is null and last_seen < now() - interval '5 minutes'`;
  return readOnly ? [access] : [seen, access];
}

/**
 * The sites that a caller may see now. For a person: the sites of their token, minus those that were removed since. For a
 * device: the sites that it is restricted to, or all.
 * @throws CallerRefused if the database no longer agrees with the token
 */
export function checkAccess(caller: Caller, row: AccessRow | undefined): SiteScope {
  if (row === undefined || row.ended) throw new CallerRefused(`this ${caller.type} no longer has access`);
  if (caller.type === 'device') return row.sites.length === 0 ? 'all' : row.sites;
  if (row.role !== caller.role) throw new CallerRefused('the role of this person has changed');
  const current = new Set(row.sites);
  return caller.sites.filter((site) => current.has(site));
}

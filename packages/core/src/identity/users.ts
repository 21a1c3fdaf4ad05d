import type { OrgId, SiteId, UserId, UserRole } from '@spinbay/contracts';
import { recordEvent } from '../events/record-event.ts';
import { build } from '../store/org-tx.ts';
import { readUnscoped, type Store } from '../store/store.ts';

export interface SignedInUser {
  readonly userId: UserId;
  readonly orgId: OrgId;
  readonly orgName: string;
  readonly email: string;
  readonly name: string;
  readonly role: UserRole;
  readonly siteIds: SiteId[];
}

/**
 * The organizations that know an email address.
 * @param provenEmail from an identity token whose signature was checked, nothing else: this mints `OrgId`s
 */
export function findMemberships(store: Store, provenEmail: string): Promise<{ orgId: OrgId; userId: UserId }[]> {
  const email = provenEmail.toLowerCase();
  return readUnscoped(store, { name: 'app.login_email', value: email }, async (client) => {
    const { rows } = await client.query<{ org_id: OrgId; id: UserId }>(
      'select org_id, id from users where email = $1 and disabled_at is null order by created_at limit 100',
      [email],
    );
    return rows.map((row) => ({ orgId: row.org_id, userId: row.id }));
  });
}

/** Reads role and sites of a member anew, and notes the sign-in. @returns null when it was disabled in the meantime */
export function signInUser(store: Store, orgId: OrgId, userId: UserId): Promise<SignedInUser | null> {
  return store.forOrg(orgId, 'all').transact(async (tx) => {
    const user = await tx.first(
      build
        .selectFrom('users')
        .innerJoin('organizations', 'organizations.id', 'users.org_id')
        .select(['users.email', 'users.name', 'users.role', 'organizations.name as org_name'])
        .where(tx.ofOrg('users'))
        .where('users.id', '=', userId)
        .where('users.disabled_at', 'is', null),
    );
    if (user === undefined) return null;
    const sites = await tx.run(
      build
        .selectFrom('user_site_access')
        .select('site_id')
        .where(tx.ofOrg('user_site_access'))
        .where('user_id', '=', userId)
        .orderBy('site_id'),
    );
    await recordEvent(tx, {
      entityType: 'user',
      entityId: userId,
      type: 'user.signed_in',
      actor: { type: 'user', id: userId },
    });
    return {
      userId,
      orgId,
      orgName: user.org_name,
      email: user.email,
      name: user.name,
      role: user.role,
      siteIds: sites.map((s) => s.site_id),
    };
  });
}

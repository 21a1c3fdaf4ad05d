import { type Failure, fail, type OrgId, type SiteId, type UserId, type UserRole } from '@spinbay/contracts';
import { recordEvent, recordRefusal } from '../events/record-event.ts';
import { build } from '../store/org-tx.ts';
import { readUnscoped, type Store } from '../store/store.ts';
import { exchangeIdToken, type ProvenIdToken } from './sign-outs.ts';

export interface SignedInUser {
  readonly userId: UserId;
  readonly orgId: OrgId;
  readonly orgName: string;
  readonly email: string;
  readonly name: string;
  readonly role: UserRole;
  readonly siteIds: SiteId[];
  readonly tokenGeneration: number;
}

export interface Membership {
  readonly orgId: OrgId;
  readonly userId: UserId;
  readonly disabled: boolean;
}

/**
 * The organizations that have a user with this email address, those with an enabled user first.
 * @param provenEmail must come from an identity token with a verified signature, because the result contains `OrgId`s
 */
export function findMemberships(store: Store, provenEmail: string): Promise<Membership[]> {
  const email = provenEmail.toLowerCase();
  return readUnscoped(store, { name: 'app.login_email', value: email }, async (client) => {
    const { rows } = await client.query<{ org_id: OrgId; id: UserId; disabled: boolean }>(
      `select org_id, id, disabled_at is not null as disabled from users where email = $1
       order by disabled_at is not null, created_at limit 100`,
      [email],
    );
    return rows.map((row) => ({ orgId: row.org_id, userId: row.id, disabled: row.disabled }));
  });
}

/** The organizations of a verified person, sorted by name. */
export async function nameOrganizations(
  store: Store,
  orgIds: readonly OrgId[],
): Promise<{ orgId: OrgId; name: string }[]> {
  const named: { orgId: OrgId; name: string }[] = [];
  // One query each: row-level security protects the name of each organization, and few people have many.
  for (const orgId of orgIds) {
    const row = await store
      .forOrg(orgId, 'all')
      .read((tx) => tx.first(build.selectFrom('organizations').select('name').where(tx.isOrg('organizations.id'))));
    if (row !== undefined) named.push({ orgId, name: row.name });
  }
  return named.sort((a, b) => a.name.localeCompare(b.name));
}

/** Records that a disabled person tried to sign in. */
export function refuseSignIn(store: Store, { orgId, userId }: Membership): Promise<void> {
  return store.forOrg(orgId, 'all').transact((tx) =>
    recordRefusal(tx, {
      entityType: 'user',
      entityId: userId,
      type: 'user.sign_in_refused',
      meta: { reason: 'disabled' },
      actor: { type: 'user', id: userId },
    }),
  );
}

/** Reads the current role and sites of a member, and records the sign-in and its identity token. */
export function signInUser(
  store: Store,
  { orgId, userId }: Pick<Membership, 'orgId' | 'userId'>,
  provenBy: ProvenIdToken,
): Promise<SignedInUser | Failure<'user_not_in_org' | 'invalid_id_token'>> {
  return store.forOrg(orgId, 'all').transact(async (tx) => {
    const user = await tx.first(
      build
        .selectFrom('users')
        .innerJoin('organizations', 'organizations.id', 'users.org_id')
        .select(['users.email', 'users.name', 'users.role', 'users.token_generation', 'organizations.name as org_name'])
        .where(tx.ofOrg('users'))
        .where('users.id', '=', userId)
        .where('users.disabled_at', 'is', null),
    );
    // Disabled in the meantime.
    if (user === undefined) return fail('user_not_in_org');
    if (!(await exchangeIdToken(tx, userId, provenBy)))
      return fail('invalid_id_token', 'This identity token was already used. Sign in again.');
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
      tokenGeneration: user.token_generation,
    };
  });
}

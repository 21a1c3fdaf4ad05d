import {
  type Failure,
  fail,
  type InvitationState,
  type OrgId,
  type SiteId,
  type UserId,
  type UserRole,
} from '@spinbay/contracts';
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
  readonly orgName: string;
  readonly userId: UserId;
  readonly role: UserRole;
  readonly disabled: boolean;
  readonly invitation: InvitationState;
}

/**
 * The organizations that have a user with this email address, at most 100: enabled users first, and among them those who
 * accepted the invitation. Organizations that are being erased are left out: nobody can sign in there, and they must not
 * hide the other organizations of a person.
 * @param provenEmail must come from an identity token with a verified signature, because the result contains `OrgId`s
 */
export async function findMemberships(store: Store, provenEmail: string): Promise<Membership[]> {
  const email = provenEmail.toLowerCase();
  const memberships = await readUnscoped(store, { name: 'app.login_email', value: email }, async (client) => {
    const { rows } = await client.query<Omit<Membership, 'orgName'>>(
      `select org_id as "orgId", id as "userId", role, disabled_at is not null as disabled, invitation from users
       where email = $1 order by disabled_at is not null, invitation <> 'accepted', created_at limit 100`,
      [email],
    );
    return rows;
  });
  const shown: Membership[] = [];
  // One transaction for each: row-level security shows only one organization at a time, and few people belong to many.
  for (const membership of memberships) {
    const row = await store
      .forOrg(membership.orgId, 'all')
      .read((tx) => tx.first(build.selectFrom('organizations').select('name').where(tx.isOrg('organizations.id'))));
    if (row !== undefined) shown.push({ ...membership, orgName: row.name });
  }
  return shown;
}

/**
 * The memberships that a sign-in can choose from. Anybody can be invited without their consent. Open invitations
 * therefore count only for a person who has accepted no membership.
 */
export function openMemberships(memberships: readonly Membership[]): Membership[] {
  const open = memberships.filter(({ disabled }) => !disabled);
  const accepted = open.filter(({ invitation }) => invitation === 'accepted');
  return accepted.length > 0 ? accepted : open;
}

/** Records that a disabled person tried to sign in. */
export function refuseSignIn(store: Store, { orgId, userId }: Pick<Membership, 'orgId' | 'userId'>): Promise<void> {
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

/** Reads the current role and sites of a member, and records the sign-in and its identity token. Accepts an open invitation. */
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
    await tx.run(
      build
        .updateTable('users')
        .set({ invitation: 'accepted' })
        .where(tx.ofOrg('users'))
        .where('id', '=', userId)
        .where('invitation', '=', 'open'),
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

import { fail, type InvitationState, type SiteId, type UserId, type UserRole } from '@spinbay/contracts';
import { sql } from 'kysely';
import { changesOf } from '../events/changes.ts';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { newId } from '../new-id.ts';
import { lockOrganization } from '../organizations/organization.ts';
import { sitesExist } from '../sites/list-sites.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface UserRow {
  readonly id: UserId;
  readonly email: string;
  readonly name: string;
  readonly role: UserRole;
  readonly site_ids: SiteId[];
  readonly invitation: InvitationState;
  readonly disabled_at: Date | null;
  readonly created_at: Date;
}

/** A page of the organization's people, by email address, and their total number. */
export async function listUsers(tx: OrgTx, page: { limit: number; offset: number }) {
  const items = await tx.run(selectUsers(tx).orderBy('email').limit(page.limit).offset(page.offset));
  const counted = await tx.first(
    sql<{ total: number }>`select count(*)::int as total from users u where ${tx.ofOrg('u')}`,
  );
  return { items, total: counted?.total ?? 0 };
}

/** @param email in lower case */
export function findUserByEmail(tx: OrgTx, email: string): Promise<UserRow | undefined> {
  return tx.first(selectUsers(tx).where('email', '=', email));
}

export interface NewUser {
  /** In lower case. */
  readonly email: string;
  readonly name: string;
  readonly role: UserRole;
  readonly siteIds: readonly SiteId[];
}

export async function createUser(tx: OrgTx, { email, name, role, siteIds }: NewUser, actor: Actor) {
  if (!(await sitesExist(tx, siteIds))) return fail('site_not_found');
  const id = newId<UserId>();
  const inserted = await tx.first(
    build
      .insertInto('users')
      // The operator of the server adds members directly. An administrator only invites people.
      .values({
        org_id: tx.orgId,
        id,
        email,
        name,
        role,
        disabled_at: null,
        invitation: actor.type === 'system' ? 'accepted' : 'open',
      })
      .onConflict((conflict) => conflict.columns(['org_id', 'email']).doNothing())
      .returning('id'),
  );
  if (inserted === undefined) return fail('email_taken');
  await grantSites(tx, id, siteIds);
  const meta = { email, name, role, site_ids: siteIds };
  await recordEvent(tx, { entityType: 'user', entityId: id, type: 'user.created', meta, actor });
  return { user: await readUser(tx, id) };
}

export interface UserChange {
  readonly name?: string | undefined;
  readonly role?: UserRole | undefined;
  readonly siteIds?: readonly SiteId[] | undefined;
  readonly disabled?: boolean | undefined;
}

/** Changes a person. At least one administrator can always sign in, even with concurrent changes. */
export async function changeUser(tx: OrgTx, id: UserId, change: UserChange, actor: Actor) {
  await lockOrganization(tx);
  const current = await tx.first(selectUsers(tx).where('id', '=', id));
  if (current === undefined || isErased(current)) return fail('user_not_found');
  if (change.siteIds !== undefined && !(await sitesExist(tx, change.siteIds))) return fail('site_not_found');
  const before = {
    name: current.name,
    role: current.role,
    site_ids: [...current.site_ids].sort(),
    disabled: current.disabled_at !== null,
  };
  const after = {
    name: change.name ?? before.name,
    role: change.role ?? before.role,
    site_ids: [...(change.siteIds ?? before.site_ids)].sort(),
    disabled: change.disabled ?? before.disabled,
  };
  const meta = changesOf(before, after);
  if (meta === null) return { user: current };
  const administers = (who: typeof before) => who.role === 'admin' && !who.disabled;
  if (administers(before) && !administers(after) && !(await anotherAdminExists(tx, current))) return fail('last_admin');
  await tx.run(
    build
      .updateTable('users')
      .set({
        name: after.name,
        role: after.role,
        // Enabling a person who refused invites them again.
        ...(before.disabled && !after.disabled
          ? { invitation: sql<InvitationState>`case when invitation = 'refused' then 'open' else invitation end` }
          : {}),
        disabled_at: after.disabled ? (current.disabled_at ?? sql<Date>`now()`) : null,
      })
      .where(tx.ofOrg('users'))
      .where('id', '=', id),
  );
  if (meta.site_ids !== undefined) {
    await tx.run(build.deleteFrom('user_site_access').where(tx.ofOrg('user_site_access')).where('user_id', '=', id));
    await grantSites(tx, id, after.site_ids);
  }
  const type = after.disabled && !before.disabled ? 'user.disabled' : 'user.changed';
  await recordEvent(tx, { entityType: 'user', entityId: id, type, meta, actor });
  return { user: await readUser(tx, id) };
}

/**
 * The row of an erased person stays for the audit log, with this address. See the function `erase_person` of the database.
 * The address contains the id of its own row, which nobody knows in advance, so that no invited person counts as erased.
 */
function isErased({ id, email }: Pick<UserRow, 'id' | 'email'>): boolean {
  return email === `erased-${id}@erased.invalid`;
}

/**
 * Whether the organization has an administrator besides this one. A person with an open invitation does not count as a
 * replacement for one who has accepted.
 */
export async function anotherAdminExists(
  tx: OrgTx,
  { id, invitation }: Pick<UserRow, 'id' | 'invitation'>,
): Promise<boolean> {
  const others = build
    .selectFrom('users')
    .select('id')
    .where(tx.ofOrg('users'))
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .where('id', '<>', id)
    .limit(1);
  const row = await tx.first(invitation === 'accepted' ? others.where('invitation', '=', 'accepted') : others);
  return row !== undefined;
}

async function grantSites(tx: OrgTx, userId: UserId, siteIds: readonly SiteId[]): Promise<void> {
  if (siteIds.length === 0) return;
  const access = siteIds.map((siteId) => ({ org_id: tx.orgId, user_id: userId, site_id: siteId }));
  await tx.run(build.insertInto('user_site_access').values(access));
}

async function readUser(tx: OrgTx, id: UserId): Promise<UserRow> {
  const row = await tx.first(selectUsers(tx).where('id', '=', id));
  if (row === undefined) throw new Error('a person that was just written is missing');
  return row;
}

function selectUsers(tx: OrgTx) {
  return build
    .selectFrom('users')
    .select(['id', 'email', 'name', 'role', 'invitation', 'disabled_at', 'created_at'])
    .select(
      sql<SiteId[]>`array(
        select a.site_id from user_site_access a where ${tx.ofOrg('a')} and a.user_id = users.id order by a.site_id
      )`.as('site_ids'),
    )
    .where(tx.ofOrg('users'));
}

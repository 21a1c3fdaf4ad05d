import { type Failure, fail, type InvitationState, type OrgId, type UserId, type UserRole } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { build } from '../store/org-tx.ts';
import type { OrgStore, Store } from '../store/store.ts';
import { findMemberships, type Membership } from './users.ts';

/** The invitation of a person who has not answered yet. */
export interface Invitation {
  /** The id that the person has in that organization. */
  readonly userId: UserId;
  readonly orgId: OrgId;
  readonly orgName: string;
  readonly role: UserRole;
}

/** The open invitations of a person who is signed in to another organization. */
export async function listInvitations(store: Store, org: OrgStore, me: UserId): Promise<Invitation[]> {
  const { memberships } = await findOpen(store, org, me);
  return memberships
    .map(({ userId, orgId, orgName, role }) => ({ userId, orgId, orgName, role }))
    .sort((a, b) => a.orgName.localeCompare(b.orgName));
}

/**
 * Accepts or refuses an open invitation. A refusal also disables the person, so that only an administrator can invite
 * them again.
 */
export async function answerInvitation(
  store: Store,
  org: OrgStore,
  me: UserId,
  invitationId: UserId,
  answer: Exclude<InvitationState, 'open'>,
): Promise<{ done: true } | Failure<'invitation_not_found'>> {
  const { email, memberships } = await findOpen(store, org, me);
  const invitation = memberships.find(({ userId }) => userId === invitationId);
  if (invitation === undefined) return fail('invitation_not_found');
  return store.forOrg(invitation.orgId, 'all').transact(async (tx) => {
    const answered = await tx.first(
      build
        .updateTable('users')
        .set({ invitation: answer, ...(answer === 'refused' ? { disabled_at: sql<Date>`now()` } : {}) })
        .where(tx.ofOrg('users'))
        .where('id', '=', invitationId)
        .where('email', '=', email)
        .where('invitation', '=', 'open')
        .where('disabled_at', 'is', null)
        .returning('id'),
    );
    // Answered or withdrawn in the meantime.
    if (answered === undefined) return fail('invitation_not_found');
    await recordEvent(tx, {
      entityType: 'user',
      entityId: invitationId,
      type: `user.invitation_${answer}`,
      actor: { type: 'user', id: invitationId },
    });
    return { done: true };
  });
}

/**
 * The open invitations for the caller's email address. The address is verified, because the caller has signed in with
 * it.
 */
async function findOpen(
  store: Store,
  org: OrgStore,
  me: UserId,
): Promise<{ email: string; memberships: readonly Membership[] }> {
  const own = await org.read((tx) =>
    tx.first(build.selectFrom('users').select(['email', 'org_id']).where(tx.ofOrg('users')).where('id', '=', me)),
  );
  if (own === undefined) throw new Error('a person whose access was checked is gone');
  const memberships = (await findMemberships(store, own.email)).filter(
    ({ orgId, invitation, disabled }) => orgId !== own.org_id && invitation === 'open' && !disabled,
  );
  return { email: own.email, memberships };
}

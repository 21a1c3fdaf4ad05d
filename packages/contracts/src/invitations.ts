import { z } from 'zod';
import { people, UserRole } from './claims.ts';
import { UserId } from './ids.ts';
import { defineRoute } from './route.ts';

/** Whether the owner of an email address has agreed to be a member of the organization that added it. */
export const InvitationState = z.enum(['open', 'accepted', 'refused']);
export type InvitationState = z.output<typeof InvitationState>;

const invitation = z.object({ invitation_id: UserId });

export const invitationRoutes = {
  listInvitations: defineRoute({
    method: 'GET',
    path: '/invitations',
    summary: 'The other organizations that have added your email address and wait for your answer',
    access: people,
    replies: {
      200: z
        .object({
          items: z.array(
            z
              .object({ id: UserId, org_id: z.string(), org_name: z.string(), role: UserRole })
              .meta({ id: 'Invitation' }),
          ),
        })
        .meta({ id: 'InvitationList' }),
    },
    errors: [],
  }),
  acceptInvitation: defineRoute({
    method: 'POST',
    path: '/invitations/:invitation_id/accept',
    summary: 'Become a member of the organization: from the next sign-in on you can choose it',
    access: people,
    params: invitation,
    replies: { 204: null },
    errors: ['invitation_not_found'],
  }),
  refuseInvitation: defineRoute({
    method: 'POST',
    path: '/invitations/:invitation_id/refuse',
    summary: 'Refuse the membership; an administrator of that organization can invite you again',
    access: people,
    params: invitation,
    replies: { 204: null },
    errors: ['invitation_not_found'],
  }),
};

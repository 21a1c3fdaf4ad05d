import { z } from 'zod';
import { admins, UserRole } from './claims.ts';
import { SiteId, UserId } from './ids.ts';
import { InvitationState } from './invitations.ts';
import { defineRoute, page } from './route.ts';
import { SiteIds } from './sites.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

/** The address that the identity provider confirms, normalized to lower case. */
export const Email = z
  .string()
  .trim()
  .max(254)
  .toLowerCase()
  .pipe(z.email())
  .meta({ examples: ['rita@dealer.test'] });
export const PersonName = lineOfText(200);

const User = z
  .object({
    id: UserId,
    email: z.string(),
    name: z.string(),
    role: UserRole,
    site_ids: z.array(SiteId),
    invitation: InvitationState.optional().meta({
      description:
        'open until the first sign-in; a person who belongs to another organization is asked, and may refuse',
    }),
    disabled_at: Timestamp.nullable(),
    created_at: Timestamp,
  })
  .meta({ id: 'User' });

export const userRoutes = {
  listUsers: defineRoute({
    method: 'GET',
    path: '/users',
    summary: 'The people of your organization, by email address',
    access: admins,
    query: z.object(page),
    replies: { 200: z.object({ items: z.array(User), total: z.int() }).meta({ id: 'UserList' }) },
    errors: [],
  }),
  createUser: defineRoute({
    method: 'POST',
    path: '/users',
    summary: 'Add a person, who can then sign in at the identity provider with this email address',
    access: admins,
    body: z
      .object({ email: Email, name: PersonName, role: UserRole, site_ids: SiteIds })
      .meta({ id: 'CreateUserBody' }),
    replies: { 201: User },
    errors: ['site_not_found', 'email_taken'],
  }),
  updateUser: defineRoute({
    method: 'PATCH',
    path: '/users/:user_id',
    summary: 'Change a person; another role, fewer sites and disabling take effect with their next request',
    access: admins,
    params: z.object({ user_id: UserId }),
    body: z
      .object({
        name: PersonName.optional(),
        role: UserRole.optional(),
        site_ids: SiteIds.optional(),
        disabled: z.boolean().optional(),
      })
      .meta({ id: 'UpdateUserBody' }),
    replies: { 200: User },
    errors: ['user_not_found', 'site_not_found', 'last_admin'],
  }),
  eraseUser: defineRoute({
    method: 'DELETE',
    path: '/users/:user_id',
    summary:
      'Erase the data of a person, immediately and permanently: name, email address and memberships. What they did stays, without their name',
    access: admins,
    params: z.object({ user_id: UserId }),
    replies: { 204: null },
    errors: ['user_not_found', 'last_admin'],
  }),
};

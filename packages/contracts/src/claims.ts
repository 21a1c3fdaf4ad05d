import { z } from 'zod';
import { DeviceId, OrgId, SiteId, UserId } from './ids.ts';

export const UserRole = z.enum(['operator', 'reviewer', 'admin']);
export type UserRole = z.output<typeof UserRole>;
export type Role = 'device' | UserRole;

/** All roles of an organization, devices included. */
export const everyone = ['device', 'operator', 'reviewer', 'admin'] as const satisfies readonly Role[];
/** Roles of people: a device's token never has them. */
export const people = ['operator', 'reviewer', 'admin'] as const satisfies readonly Role[];
export const reviewers = ['reviewer', 'admin'] as const satisfies readonly Role[];
/**
 * Administrators manage the whole organization. Their sites limit the sessions and images that they see, not the people,
 * devices and sites that they manage.
 */
export const admins = ['admin'] as const satisfies readonly Role[];

/** Claims of the token that `POST /auth/device` returns. */
export const DeviceClaims = z.object({ device_id: DeviceId, org_id: OrgId, role: z.literal('device') });

/** Claims of the token that `POST /auth/login` returns. */
export const UserClaims = z.object({
  user_id: UserId,
  org_id: OrgId,
  site_ids: z.array(SiteId),
  role: UserRole,
  /** Identifies the token, so that a sign-out can end it. */
  jti: z.uuid().optional(),
  /** Increases when the person signs out everywhere. */
  token_generation: z.int().default(0),
});

/** What a Spinbay token says about the caller. Only the signature verifier parses it. */
export const Claims = z.union([DeviceClaims, UserClaims]);
export type Claims = z.output<typeof Claims>;

/** Lifetimes in seconds. */
export const tokenLifetime = { device: 30 * 24 * 3600, user: 8 * 3600 } as const;

import { z } from 'zod';
import { DeviceId, OrgId, SiteId, UserId } from './ids.ts';

export const UserRole = z.enum(['operator', 'reviewer', 'admin']);
export type UserRole = z.output<typeof UserRole>;
export type Role = 'device' | UserRole;

/** Everybody of a dealer, phones included. */
export const everyone = ['device', 'operator', 'reviewer', 'admin'] as const satisfies readonly Role[];
/** People only: a device's token never opens these. */
export const people = ['operator', 'reviewer', 'admin'] as const satisfies readonly Role[];
export const reviewers = ['reviewer', 'admin'] as const satisfies readonly Role[];
/**
 * Who runs the organization: all of it. The sites of an administrator limit the sessions and images that he sees, not
 * which people, devices and sites he looks after.
 */
export const admins = ['admin'] as const satisfies readonly Role[];

/** Claims of the token that `POST /auth/device` answers with. */
export const DeviceClaims = z.object({ device_id: DeviceId, org_id: OrgId, role: z.literal('device') });

/** Claims of the token that `POST /auth/login` answers with. */
export const UserClaims = z.object({
  user_id: UserId,
  org_id: OrgId,
  site_ids: z.array(SiteId),
  role: UserRole,
  /** What ends when its holder signs out. */
  jti: z.uuid().optional(),
  /** Counted up when a person signs out everywhere. */
  token_generation: z.int().default(0),
});

/** What a token of ours says about who is calling. Only the verifier of signatures parses it. */
export const Claims = z.union([DeviceClaims, UserClaims]);
export type Claims = z.output<typeof Claims>;

/** Lifetimes in seconds. */
export const tokenLifetime = { device: 30 * 24 * 3600, user: 8 * 3600 } as const;

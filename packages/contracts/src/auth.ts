import { z } from 'zod';
import { people, UserRole } from './claims.ts';
import { EnrolmentCode } from './enrolment-code.ts';
import { DeviceId, SiteId, UserId } from './ids.ts';
import { defineRoute } from './route.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

/** A secret that the client generates: at least 32 random bytes, as base64url or hex. */
const NewDeviceSecret = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43,200}$/, 'at least 32 random bytes: 43 to 200 characters of base64url or hex');

/**
 * The body has one of two purposes:
 * - **Enrol**: generate `device_id` (a UUID) and `new_secret` (random), store both, then send them. If the reply is lost,
 *   repeat the request: it returns the same device and does not use the code a second time. Repeating it requires the
 *   secret; the id alone is not enough. Without the two fields the server generates them, and a lost reply loses the device.
 * - **Refresh**: send `device_id` and `device_secret`, then store the `device_secret` of the reply. The old secret stays
 *   valid until the new one has been used, so that a lost reply does not lock the device out. Any later use of the old
 *   secret means that somebody copied it: the device is revoked.
 */
export const AuthDeviceBody = z
  .object({
    // A plain UUID, not an `OrgId`: naming an organization proves nothing.
    org_id: z.uuid().toLowerCase().meta({ description: 'the organization to enrol in' }),
    platform: lineOfText(32).meta({ description: 'ios, android, web, cli, ...' }),
    model: lineOfText(200),
    app_version: lineOfText(50),
    device_id: DeviceId.optional().meta({
      description:
        'to enrol: a UUID that you generate, sent with new_secret, so that a repeated request returns the same device; to refresh: the id of the device, sent with its device_secret',
    }),
    new_secret: NewDeviceSecret.optional().meta({
      description: 'to enrol: the future device_secret, which you generate; store it before you send it',
    }),
    device_secret: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'to refresh: the newest secret that you have' }),
    installation_key: NewDeviceSecret.optional().meta({
      description:
        'to enrol: a random value that the app makes once and sends with each enrolment, so that an administrator can block the app',
    }),
    enrolment_code: EnrolmentCode.optional().meta({
      description: 'to enrol in an organization that requires a code; ignored for a device that is already enrolled',
    }),
  })
  .refine((body) => body.new_secret === undefined || body.device_secret === undefined, {
    message: 'new_secret enrols and device_secret refreshes: send one of them',
    path: ['new_secret'],
  })
  .refine(
    (body) => (body.device_id === undefined) === (body.device_secret === undefined && body.new_secret === undefined),
    {
      message: 'send device_id with new_secret (to enrol) or with device_secret (to refresh)',
      path: ['device_id'],
    },
  )
  .meta({ id: 'AuthDeviceBody' });

export const authRoutes = {
  authDevice: defineRoute({
    method: 'POST',
    path: '/auth/device',
    summary: 'Enrol a device, or refresh the token of an enrolled one',
    access: 'public',
    rateLimit: { per: 'ip', max: 100 },
    body: AuthDeviceBody,
    replies: {
      200: z
        .object({
          token: z.string(),
          device_id: DeviceId,
          expires_at: Timestamp,
          device_secret: z.string().optional().meta({
            description: 'keep it in secure storage: the next refresh needs it; using it ends the previous secret',
          }),
        })
        .meta({ id: 'AuthDeviceReply' }),
    },
    errors: [
      'org_unknown',
      'enrolment_code_required',
      'enrolment_code_invalid',
      'enrolment_code_used',
      'enrolment_code_expired',
      'device_secret_invalid',
      'device_revoked',
      'device_blocked',
    ],
  }),
  authLogin: defineRoute({
    method: 'POST',
    path: '/auth/login',
    summary: 'Exchange the identity token of the OIDC provider for a token of this API',
    access: 'public',
    rateLimit: { per: 'ip', max: 100 },
    body: z
      .object({
        id_token: z.string().min(1).max(16_384),
        nonce: z.string().min(1).max(500).optional().meta({
          description:
            'the nonce sent to the provider; browsers must send it if the token has one, and it is always checked if it is sent',
        }),
        org_id: z
          .uuid()
          .toLowerCase()
          .optional()
          .meta({ description: 'required for people who belong to several organizations' }),
      })
      .meta({ id: 'AuthLoginBody' }),
    replies: {
      200: z
        .object({
          token: z.string(),
          expires_at: Timestamp,
          user: z.object({
            id: UserId,
            email: z.string(),
            name: z.string(),
            role: UserRole,
            org_id: z.string(),
            org_name: z.string(),
            site_ids: z.array(SiteId),
          }),
        })
        .meta({ id: 'AuthLoginReply' }),
    },
    errors: ['invalid_id_token', 'user_not_in_org', 'org_choice_required'],
  }),
  authLogout: defineRoute({
    method: 'POST',
    path: '/auth/logout',
    summary: 'End the token of a person, or all of their tokens',
    access: people,
    body: z
      .object({
        everywhere: z.boolean().default(false).meta({ description: 'also end the tokens of all other browsers' }),
      })
      .prefault({})
      .meta({ id: 'AuthLogoutBody' }),
    replies: { 204: null },
    errors: [],
  }),
};

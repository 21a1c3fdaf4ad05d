import { z } from 'zod';
import { UserRole } from './claims.ts';
import { EnrolmentCode } from './enrolment-code.ts';
import { DeviceId, SiteId, UserId } from './ids.ts';
import { defineRoute } from './route.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

export const AuthDeviceBody = z
  .object({
    // A plain UUID: naming an organization proves nothing, so that this is no `OrgId` yet.
    org_id: z.uuid().toLowerCase().meta({ description: 'the organization to enrol in' }),
    platform: lineOfText(32).meta({ description: 'ios, android, web, cli, ...' }),
    model: lineOfText(200),
    app_version: lineOfText(50),
    device_id: DeviceId.optional().meta({
      description: 'to refresh: the id from the enrolment, with its device_secret',
    }),
    device_secret: z.string().min(1).max(200).optional(),
    enrolment_code: EnrolmentCode.optional().meta({
      description: 'to enrol where the organization wants a code; not looked at on refresh',
    }),
  })
  .refine((body) => (body.device_id === undefined) === (body.device_secret === undefined), {
    message: 'device_id and device_secret go together',
    path: ['device_secret'],
  })
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
            description: 'only on enrolment: keep it in secure storage, it proves the device when it refreshes',
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
        nonce: z.string().min(1).max(500).optional().meta({ description: 'where one was sent to the provider' }),
        org_id: z
          .uuid()
          .toLowerCase()
          .optional()
          .meta({ description: 'for people who belong to several organizations' }),
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
};

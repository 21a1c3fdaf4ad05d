import { z } from 'zod';
import { admins } from './claims.ts';
import { DeviceId, EnrolmentCodeId, SiteId, UserId } from './ids.ts';
import { defineRoute, page } from './route.ts';
import { SiteIds } from './sites.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

const Device = z
  .object({
    id: DeviceId,
    name: z.string().nullable().meta({ description: 'what an administrator calls it' }),
    model: z.string(),
    platform: z.string(),
    app_version: z.string(),
    site_ids: z.array(SiteId).meta({ description: 'it works at these sites only; at all when there are none' }),
    last_seen: Timestamp.meta({ description: 'to some minutes' }),
    revoked_at: Timestamp.nullable(),
    created_at: Timestamp,
  })
  .meta({ id: 'Device' });

export const EnrolmentCodeState = z
  .enum(['open', 'used', 'expired', 'revoked', 'exhausted'])
  .meta({ id: 'EnrolmentCodeState', description: 'exhausted: ended by wrong tries' });
export type EnrolmentCodeState = z.output<typeof EnrolmentCodeState>;

/** What a device, or the code for one, is called. */
export const DeviceName = lineOfText(200);

/** Seconds: a minute to 30 days, a day unless said. */
export const CodeLifetime = z
  .int()
  .min(60)
  .max(30 * 24 * 3600);
export const defaultCodeLifetime = 24 * 3600;

const EnrolmentCodeLine = z
  .object({
    id: EnrolmentCodeId,
    label: z.string().nullable(),
    site_ids: z.array(SiteId),
    state: EnrolmentCodeState,
    tries_left: z.int(),
    expires_at: Timestamp,
    created_at: Timestamp,
    created_by: UserId.nullable().meta({ description: 'null: on the server, by "spinbay org"' }),
    used_at: Timestamp.nullable(),
    device_id: DeviceId.nullable().meta({ description: 'the device that was enrolled with it' }),
  })
  .meta({ id: 'EnrolmentCode' });

const deviceParams = z.object({ device_id: DeviceId });

export const deviceRoutes = {
  listDevices: defineRoute({
    method: 'GET',
    path: '/devices',
    summary: 'The devices of your organization, the newest first',
    access: admins,
    query: z.object(page),
    replies: { 200: z.object({ items: z.array(Device), total: z.int() }).meta({ id: 'DeviceList' }) },
    errors: [],
  }),
  updateDevice: defineRoute({
    method: 'PATCH',
    path: '/devices/:device_id',
    summary: 'Name a device, or bind it to sites (an empty list lets it work at all)',
    access: admins,
    params: deviceParams,
    body: z.object({ name: DeviceName.optional(), site_ids: SiteIds.optional() }).meta({ id: 'UpdateDeviceBody' }),
    replies: { 200: Device },
    errors: ['device_not_found', 'site_not_found'],
  }),
  revokeDevice: defineRoute({
    method: 'POST',
    path: '/devices/:device_id/revoke',
    summary: 'Shut a device out, from its next request on and for good',
    access: admins,
    params: deviceParams,
    replies: { 200: Device },
    errors: ['device_not_found'],
  }),
  createEnrolmentCode: defineRoute({
    method: 'POST',
    path: '/enrolment-codes',
    summary: 'Make a code that enrols one device; this reply alone shows it',
    access: admins,
    body: z
      .object({
        label: DeviceName.optional().meta({ description: 'what the device will be called' }),
        site_ids: SiteIds.default([]).meta({ description: 'the sites that the device will be bound to' }),
        expires_in_s: CodeLifetime.default(defaultCodeLifetime),
      })
      .meta({ id: 'CreateEnrolmentCodeBody' }),
    replies: {
      201: z
        .object({
          id: EnrolmentCodeId,
          code: z.string().meta({ description: 'e.g. K7QF-3M9X-TR2W' }),
          label: z.string().nullable(),
          site_ids: z.array(SiteId),
          expires_at: Timestamp,
          enrol_url: z.string().meta({ description: 'what a QR code is to hold' }),
        })
        .meta({ id: 'NewEnrolmentCode' }),
    },
    errors: ['site_not_found'],
  }),
  listEnrolmentCodes: defineRoute({
    method: 'GET',
    path: '/enrolment-codes',
    summary: 'The enrolment codes of your organization, the newest first, without the codes themselves',
    access: admins,
    query: z.object(page),
    replies: {
      200: z.object({ items: z.array(EnrolmentCodeLine), total: z.int() }).meta({ id: 'EnrolmentCodeList' }),
    },
    errors: [],
  }),
  revokeEnrolmentCode: defineRoute({
    method: 'POST',
    path: '/enrolment-codes/:enrolment_code_id/revoke',
    summary: 'End an enrolment code that was not used yet',
    access: admins,
    params: z.object({ enrolment_code_id: EnrolmentCodeId }),
    replies: { 200: EnrolmentCodeLine },
    errors: ['enrolment_code_not_found'],
  }),
};

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
    site_ids: z
      .array(SiteId)
      .meta({ description: 'the device works at these sites only; at all sites if the list is empty' }),
    last_seen: Timestamp.meta({ description: 'accurate to a few minutes' }),
    revoked_at: Timestamp.nullable(),
    installation: z.string().nullable().meta({
      description:
        'identifies the installation of the app; all devices that one installation has enrolled have the same value; null: the app sent no installation_key',
    }),
    blocked_at: Timestamp.nullable().meta({ description: 'the time from which its installation cannot enrol again' }),
    created_at: Timestamp,
  })
  .meta({ id: 'Device' });

export const EnrolmentCodeState = z
  .enum(['open', 'used', 'expired', 'revoked', 'exhausted'])
  .meta({ id: 'EnrolmentCodeState', description: 'exhausted: blocked after too many wrong attempts' });
export type EnrolmentCodeState = z.output<typeof EnrolmentCodeState>;

/** The name of a device or of an enrolment code. */
export const DeviceName = lineOfText(200);

/** Seconds, from a minute to 30 days. */
export const CodeLifetime = z
  .int()
  .min(60)
  .max(30 * 24 * 3600);
/** Seconds. */
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
    created_by: UserId.nullable().meta({ description: 'null: created on the server with "spinbay org"' }),
    used_at: Timestamp.nullable(),
    device_id: DeviceId.nullable().meta({ description: 'the device that enrolled with this code' }),
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
    summary: 'Name a device, or restrict it to sites (an empty list means all sites)',
    access: admins,
    params: deviceParams,
    body: z.object({ name: DeviceName.optional(), site_ids: SiteIds.optional() }).meta({ id: 'UpdateDeviceBody' }),
    replies: { 200: Device },
    errors: ['device_not_found', 'site_not_found'],
  }),
  revokeDevice: defineRoute({
    method: 'POST',
    path: '/devices/:device_id/revoke',
    summary: 'Revoke a device permanently, effective from its next request',
    access: admins,
    params: deviceParams,
    replies: { 200: Device },
    errors: ['device_not_found'],
  }),
  blockDevice: defineRoute({
    method: 'POST',
    path: '/devices/:device_id/block',
    summary:
      'Permanently revoke a device and all other devices of its installation, and refuse new enrolments of that installation, even with a code',
    access: admins,
    params: deviceParams,
    replies: { 200: Device },
    errors: ['device_not_found', 'device_not_recognizable'],
  }),
  unblockDevice: defineRoute({
    method: 'POST',
    path: '/devices/:device_id/unblock',
    summary: 'Let the installation of a device enrol again; its devices stay revoked',
    access: admins,
    params: deviceParams,
    replies: { 200: Device },
    errors: ['device_not_found'],
  }),
  createEnrolmentCode: defineRoute({
    method: 'POST',
    path: '/enrolment-codes',
    summary: 'Create a code that enrols one device; only this reply contains it',
    access: admins,
    body: z
      .object({
        label: DeviceName.optional().meta({ description: 'the name that the device will have' }),
        site_ids: SiteIds.default([]).meta({
          description: 'the sites that the device will be restricted to; none: the only site of the organization',
        }),
        all_sites: z.boolean().default(false).meta({
          description: 'do not restrict the device: it can shoot at all sites, but reads only its own photos',
        }),
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
          enrol_url: z.string().meta({ description: 'the address to show as a QR code' }),
        })
        .meta({ id: 'NewEnrolmentCode' }),
    },
    errors: ['site_not_found', 'validation_failed'],
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
    summary: 'Withdraw an enrolment code that was not used yet',
    access: admins,
    params: z.object({ enrolment_code_id: EnrolmentCodeId }),
    replies: { 200: EnrolmentCodeLine },
    errors: ['enrolment_code_not_found'],
  }),
};

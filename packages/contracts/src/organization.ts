import { z } from 'zod';
import { admins } from './claims.ts';
import { Erasure } from './erasure.ts';
import { OrgId } from './ids.ts';
import { qcChoiceFields } from './qc-choice.ts';
import { defineRoute } from './route.ts';
import { Site } from './sites.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

/** Who can enrol a device: anyone who knows the organization's id (`open`), or only someone with a code. */
export const Enrolment = z.enum(['open', 'code']).meta({ id: 'Enrolment' });
export type Enrolment = z.output<typeof Enrolment>;

export const OrganizationName = lineOfText(200);

const KeepGps = z.boolean().meta({ description: 'whether new photos keep the GPS position that the camera recorded' });

/** Days. */
export const AuditDays = z
  .int()
  .min(30)
  .max(36_500)
  .nullable()
  .meta({ description: 'how many days the audit log is kept; null: as long as the installation keeps all events' });

export const QuotaBytes = z.int().min(0).nullable().meta({
  description:
    'how many bytes the organization may store, including the pictures that are made from its photos; null: no limit. The operator of the installation sets it',
});
export const QuotaSessionsPerDay = z
  .int()
  .min(0)
  .max(1_000_000)
  .nullable()
  .meta({ description: 'how many sessions it may start on a day (UTC); null: no limit' });

const Organization = z
  .object({
    id: OrgId,
    name: z.string(),
    enrolment: Enrolment,
    keep_gps: KeepGps,
    audit_days: AuditDays.optional(),
    qc_profile: qcChoiceFields.qc_profile.optional(),
    qc_edge_width_fail: qcChoiceFields.qc_edge_width_fail.optional(),
    qc_min_long_side: qcChoiceFields.qc_min_long_side.optional(),
    quota_bytes: QuotaBytes.optional(),
    quota_sessions_per_day: QuotaSessionsPerDay.optional(),
    stored_bytes: z.int().optional().meta({ description: 'including announced uploads that have not arrived yet' }),
    sessions_today: z.int().optional().meta({ description: 'since midnight UTC' }),
    created_at: Timestamp,
    sites: z.array(Site).meta({ description: 'all sites by name; GET /sites lists those that you may see' }),
  })
  .meta({ id: 'Organization' });

export const organizationRoutes = {
  getOrganization: defineRoute({
    method: 'GET',
    path: '/organization',
    summary: 'Your organization and all of its sites',
    access: admins,
    replies: { 200: Organization },
    errors: [],
  }),
  updateOrganization: defineRoute({
    method: 'PATCH',
    path: '/organization',
    summary:
      'Rename your organization, or change how devices enrol, whether GPS positions are kept, how long the audit log is kept, or how frames are judged',
    access: admins,
    body: z
      .object({
        name: OrganizationName.optional(),
        enrolment: Enrolment.optional(),
        keep_gps: KeepGps.optional(),
        audit_days: AuditDays.optional(),
        qc_profile: qcChoiceFields.qc_profile.optional(),
        qc_edge_width_fail: qcChoiceFields.qc_edge_width_fail.optional(),
        qc_min_long_side: qcChoiceFields.qc_min_long_side.optional(),
      })
      .meta({ id: 'UpdateOrganizationBody' }),
    replies: { 200: Organization },
    errors: [],
  }),
  eraseOrganization: defineRoute({
    method: 'DELETE',
    path: '/organization',
    summary:
      'Erase your organization with all its data. All access ends at once. The operator of the server can restore it until the time in the reply',
    access: admins,
    body: z
      .object({ organization_name: z.string().max(200).meta({ description: 'its exact name, as a confirmation' }) })
      .meta({ id: 'EraseOrganizationBody' }),
    replies: { 202: Erasure },
    errors: ['org_unknown', 'organization_name_differs'],
  }),
};

import { z } from 'zod';
import { admins } from './claims.ts';
import { Erasure } from './erasure.ts';
import { OrgId } from './ids.ts';
import { defineRoute } from './route.ts';
import { Site } from './sites.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

/** Who may enrol a device: whoever knows the organization's id, or only who has a code. */
export const Enrolment = z.enum(['open', 'code']).meta({ id: 'Enrolment' });
export type Enrolment = z.output<typeof Enrolment>;

export const OrganizationName = lineOfText(200);

const KeepGps = z
  .boolean()
  .meta({ description: 'whether the place that a camera wrote into a photo is kept with it, for photos to come' });

/** Days. */
export const AuditDays = z
  .int()
  .min(30)
  .max(36_500)
  .nullable()
  .meta({ description: 'for how many days the audit log is kept; null: as the installation keeps all events' });

const Organization = z
  .object({
    id: OrgId,
    name: z.string(),
    enrolment: Enrolment,
    keep_gps: KeepGps,
    audit_days: AuditDays.optional(),
    created_at: Timestamp,
    sites: z.array(Site).meta({ description: 'all of them, by name; GET /sites has those that you may see' }),
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
      'Rename your organization, change how devices enrol, whether places are kept, or for how long the audit log is',
    access: admins,
    body: z
      .object({
        name: OrganizationName.optional(),
        enrolment: Enrolment.optional(),
        keep_gps: KeepGps.optional(),
        audit_days: AuditDays.optional(),
      })
      .meta({ id: 'UpdateOrganizationBody' }),
    replies: { 200: Organization },
    errors: [],
  }),
  eraseOrganization: defineRoute({
    method: 'DELETE',
    path: '/organization',
    summary:
      'Erase your organization with everything it has. Everybody is shut out at once; until the time in the reply whoever runs the installation can restore it',
    access: admins,
    body: z
      .object({ organization_name: z.string().max(200).meta({ description: 'its exact name, as a confirmation' }) })
      .meta({ id: 'EraseOrganizationBody' }),
    replies: { 202: Erasure },
    errors: ['org_unknown', 'organization_name_differs'],
  }),
};

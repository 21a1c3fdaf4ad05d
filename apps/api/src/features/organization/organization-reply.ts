import type { OrganizationRow } from '@spinbay/core';
import { siteReply } from '../sites/site-reply.ts';

export function organizationReply({ id, name, enrolment, keep_gps, audit_days, created_at, sites }: OrganizationRow) {
  return {
    id,
    name,
    enrolment,
    keep_gps,
    audit_days,
    created_at: created_at.toISOString(),
    sites: sites.map(siteReply),
  };
}

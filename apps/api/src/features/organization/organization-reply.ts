import type { OrganizationRow } from '@spinbay/core';
import { siteReply } from '../sites/site-reply.ts';

export function organizationReply({ created_at, sites, ...organization }: OrganizationRow) {
  return {
    ...organization,
    created_at: created_at.toISOString(),
    sites: sites.map(siteReply),
  };
}

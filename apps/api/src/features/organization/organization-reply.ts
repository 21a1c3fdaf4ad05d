import type { OrganizationRow, Usage } from '@spinbay/core';
import { siteReply } from '../sites/site-reply.ts';

export function organizationReply({ created_at, sites, ...organization }: OrganizationRow, usage: Usage) {
  return { ...organization, ...usage, created_at: created_at.toISOString(), sites: sites.map(siteReply) };
}

import { z } from 'zod';
import { admins, everyone } from './claims.ts';
import { SiteId } from './ids.ts';
import { defineRoute } from './route.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

export const Site = z.object({ id: SiteId, name: z.string(), created_at: Timestamp }).meta({ id: 'Site' });

/** The sites to which a person or a device has access. Their number is limited, because a person's token contains them. */
export const SiteIds = z
  .array(SiteId)
  .max(500)
  .transform((ids) => [...new Set(ids)]);

export const SiteName = lineOfText(200);
const SiteBody = z.object({ name: SiteName }).meta({ id: 'SiteBody' });

export const siteRoutes = {
  listSites: defineRoute({
    method: 'GET',
    path: '/sites',
    summary: 'The sites that you may see, by name',
    access: everyone,
    replies: {
      200: z.object({ items: z.array(z.object({ id: SiteId, name: z.string() })) }).meta({ id: 'SiteList' }),
    },
    errors: [],
  }),
  createSite: defineRoute({
    method: 'POST',
    path: '/sites',
    summary: 'Add a site; people see it after it was added to their sites and they have signed in again',
    access: admins,
    body: SiteBody,
    replies: { 201: Site },
    errors: ['site_name_taken'],
  }),
  updateSite: defineRoute({
    method: 'PATCH',
    path: '/sites/:site_id',
    summary: 'Rename a site',
    access: admins,
    params: z.object({ site_id: SiteId }),
    body: SiteBody,
    replies: { 200: Site },
    errors: ['site_not_found', 'site_name_taken'],
  }),
};

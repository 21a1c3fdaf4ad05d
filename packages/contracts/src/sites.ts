import { z } from 'zod';
import { everyone } from './claims.ts';
import { SiteId } from './ids.ts';
import { defineRoute } from './route.ts';

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
};

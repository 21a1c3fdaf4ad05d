import { authRoutes } from './auth.ts';
import { deviceRoutes } from './devices.ts';
import { eventRoutes } from './events.ts';
import { imageRoutes } from './images.ts';
import { invitationRoutes } from './invitations.ts';
import { organizationRoutes } from './organization.ts';
import { promiseRoutes } from './promise.ts';
import { qualityRoutes } from './quality.ts';
import { savedShotListRoutes } from './saved-shot-lists.ts';
import { sessionRoutes } from './sessions.ts';
import { siteRoutes } from './sites.ts';
import { userRoutes } from './users.ts';
import { vehicleRoutes } from './vehicles.ts';

/**
 * Every route of the API. Server, typed client and OpenAPI document derive from this object: a key is the name of the
 * handler's file, of the client's method and of the operation in the document.
 */
export const routes = {
  ...authRoutes,
  ...organizationRoutes,
  ...siteRoutes,
  ...savedShotListRoutes,
  ...userRoutes,
  ...invitationRoutes,
  ...deviceRoutes,
  ...sessionRoutes,
  ...vehicleRoutes,
  ...imageRoutes,
  ...qualityRoutes,
  ...eventRoutes,
  ...promiseRoutes,
};
export type Routes = typeof routes;
export type RouteName = keyof Routes;

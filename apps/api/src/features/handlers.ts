import type { Handlers } from '../bind/handler.ts';
import { authDevice } from './auth/auth-device.ts';
import { authLogin } from './auth/auth-login.ts';
import { createEvents } from './events/create-events.ts';
import { listImages } from './images/list-images.ts';
import { presignImage } from './images/presign-image.ts';
import { presignImages } from './images/presign-images.ts';
import { publishImage } from './images/publish-image.ts';
import { publishSession } from './images/publish-session.ts';
import { unpublishImage } from './images/unpublish-image.ts';
import { createSession } from './sessions/create-session.ts';
import { getSession } from './sessions/get-session.ts';
import { listSessions } from './sessions/list-sessions.ts';
import { updateSession } from './sessions/update-session.ts';
import { listSites } from './sites/list-sites.ts';

export const handlers: Handlers = {
  authDevice,
  authLogin,
  createEvents,
  createSession,
  getSession,
  listImages,
  listSessions,
  listSites,
  presignImage,
  presignImages,
  publishImage,
  publishSession,
  unpublishImage,
  updateSession,
};

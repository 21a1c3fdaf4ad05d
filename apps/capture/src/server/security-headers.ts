import { appHeaders } from '@spinbay/runtime/app-headers';
import type { CaptureConfig } from '../capture-config.ts';

/** The headers of every reply. The app connects only to the API and the object store. */
export function securityHeaders(config: Pick<CaptureConfig, 'api_url'>, objectsOrigin: string): Record<string, string> {
  const objects = new URL(objectsOrigin).origin;
  const policy = {
    'worker-src': "'self'",
    'img-src': `'self' data: blob: ${objects}`,
    'media-src': "'self' blob:",
    'connect-src': ["'self'", new URL(config.api_url).origin, objects].join(' '),
    // The page has a base element with its path, see serveApp.
    'base-uri': "'self'",
    'form-action': "'none'",
  };
  return appHeaders({ policy, referrerPolicy: 'no-referrer', camera: true });
}

import { appHeaders } from '@spinbay/runtime/app-headers';
import type { PortalConfig } from '../portal-config.ts';

/**
 * The headers of every reply. The app connects only to the API and the sign-in provider, and shows pictures only from the
 * object store.
 */
export function securityHeaders(
  config: Pick<PortalConfig, 'api_url' | 'oidc_issuer'>,
  objectsOrigin: string,
  /** Origin of the issuer's token endpoint, if it differs. */
  tokenOrigin?: string,
): Record<string, string> {
  const origins = new Set([new URL(config.api_url).origin, new URL(config.oidc_issuer).origin]);
  if (tokenOrigin !== undefined) origins.add(tokenOrigin);
  const policy = {
    'img-src': `'self' data: ${new URL(objectsOrigin).origin}`,
    'font-src': "'self'",
    'connect-src': ["'self'", ...origins].join(' '),
    'base-uri': "'none'",
    'form-action': "'self'",
  };
  // The address of a page can contain a sign-in code, which no other origin may see.
  return appHeaders({ policy, referrerPolicy: 'same-origin', camera: false });
}

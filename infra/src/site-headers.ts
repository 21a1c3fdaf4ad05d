import { securityHeaders } from '../../apps/portal/src/server/security-headers.ts';
import type { Environment } from './environment.ts';

export type SiteName = 'portal' | 'capture';

/**
 * The headers of a site's files: those of the portal's own server, so that both say the same. The capture app also uses
 * the camera and uploads to the bucket.
 */
export function siteHeaders(
  site: SiteName,
  { domains }: Environment,
  signInOrigins: readonly string[],
  objectsOrigin: string,
): Record<string, string> {
  // Only the origins of these count.
  const [issuer = '', ...more] = signInOrigins;
  const api = `https://${domains.api}`;
  const headers = securityHeaders({ api_url: api, oidc_issuer: issuer }, objectsOrigin, more);
  if (site === 'portal') return headers;
  const policy = headers['content-security-policy'] ?? '';
  return {
    ...headers,
    'content-security-policy': policy
      .replace("connect-src 'self'", `connect-src 'self' ${objectsOrigin}`)
      .replace("img-src 'self' data:", "img-src 'self' data: blob:")
      .concat("; media-src 'self' blob:; worker-src 'self'"),
    'permissions-policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
  };
}

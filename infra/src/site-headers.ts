import { securityHeaders as captureHeaders } from '../../apps/capture/src/server/security-headers.ts';
import { securityHeaders as portalHeaders } from '../../apps/portal/src/server/security-headers.ts';
import type { Environment } from './environment.ts';

export type SiteName = 'portal' | 'capture';

/** The headers of a site's files. They come from the site's own server, so that both send the same headers. */
export function siteHeaders(
  site: SiteName,
  { domains }: Environment,
  signInOrigins: readonly string[],
  objectsOrigin: string,
): Record<string, string> {
  const api_url = `https://${domains.api}`;
  if (site === 'capture') return captureHeaders({ api_url }, objectsOrigin);
  // Only the origin of the issuer matters here.
  const [oidc_issuer = '', ...tokenOrigins] = signInOrigins;
  return portalHeaders({ api_url, oidc_issuer }, objectsOrigin, tokenOrigins);
}

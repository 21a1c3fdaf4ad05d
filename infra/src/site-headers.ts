import { securityHeaders as captureHeaders } from '../../apps/capture/src/server/security-headers.ts';
import { securityHeaders as portalHeaders } from '../../apps/portal/src/server/security-headers.ts';
import type { Environment } from './environment.ts';
import type { SignIn } from './stacks/sign-in.ts';

export type SiteName = 'portal' | 'capture';

/** The headers of a site's files, from the code of the site's own server, so that CloudFront sends the same ones. */
export function siteHeaders(
  site: SiteName,
  { domains }: Environment,
  { issuerOrigin, tokenOrigin }: Pick<SignIn, 'issuerOrigin' | 'tokenOrigin'>,
  objectsOrigin: string,
): Record<string, string> {
  const api_url = `https://${domains.api}`;
  if (site === 'capture') return captureHeaders({ api_url }, objectsOrigin);
  return portalHeaders({ api_url, oidc_issuer: issuerOrigin }, objectsOrigin, tokenOrigin);
}

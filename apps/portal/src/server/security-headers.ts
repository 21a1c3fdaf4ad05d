import type { PortalConfig } from '../portal-config.ts';

/**
 * The headers of every reply. Scripts come only from this server and are never inline. Styles may be inline, because the
 * design system needs this. The app connects only to the API and the sign-in provider, and shows pictures only from the
 * object store.
 */
export function securityHeaders(
  config: Pick<PortalConfig, 'api_url' | 'oidc_issuer'>,
  objectsOrigin: string,
  /** Origin of the issuer's token endpoint, if it differs. */
  tokenOrigins: readonly string[] = [],
): Record<string, string> {
  const origins = new Set([new URL(config.api_url).origin, new URL(config.oidc_issuer).origin, ...tokenOrigins]);
  const policy = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self' 'unsafe-inline'",
    'img-src': `'self' data: ${new URL(objectsOrigin).origin}`,
    'font-src': "'self'",
    'connect-src': ["'self'", ...origins].join(' '),
    'manifest-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'self'",
    'frame-ancestors': "'none'",
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map(([directive, sources]) => `${directive} ${sources}`)
      .join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // The address of a page can contain a sign-in code, which no other origin may see.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  };
}

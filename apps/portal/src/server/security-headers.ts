import type { PortalConfig } from '../portal-config.ts';

/**
 * The headers of every reply. Scripts come from here alone and never inline; styles may be inline, because the design
 * system writes its variables and sizes so; the app talks to the API and the sign-in provider and shows pictures of the
 * object store, and to nobody else.
 */
export function securityHeaders(
  config: Pick<PortalConfig, 'api_url' | 'oidc_issuer'>,
  objectsOrigin: string,
  /** Where the issuer gives tokens, if that is elsewhere. */
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
    // A page's address can hold a sign-in code: no other origin gets to see it.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  };
}

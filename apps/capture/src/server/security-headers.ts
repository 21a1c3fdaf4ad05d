import type { CaptureConfig } from '../capture-config.ts';

/**
 * The headers of every reply. Scripts and workers come only from this server and are never inline. Styles may be inline,
 * because React Native for Web needs this. The app connects only to the API and the object store.
 */
export function securityHeaders(config: Pick<CaptureConfig, 'api_url'>, objectsOrigin: string): Record<string, string> {
  const objects = new URL(objectsOrigin).origin;
  const policy = {
    'default-src': "'none'",
    'script-src': "'self'",
    'worker-src': "'self'",
    'style-src': "'self' 'unsafe-inline'",
    'img-src': `'self' data: blob: ${objects}`,
    'media-src': "'self' blob:",
    'connect-src': ["'self'", new URL(config.api_url).origin, objects].join(' '),
    'manifest-src': "'self'",
    // The page contains its own base path, see serveApp.
    'base-uri': "'self'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map(([directive, sources]) => `${directive} ${sources}`)
      .join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
  };
}

import { type AppOptions, serveApp } from '@spinbay/runtime';
import type { PortalConfig } from '../portal-config.ts';
import { securityHeaders } from './security-headers.ts';

export interface PortalOptions extends Omit<AppOptions, 'name' | 'headers' | 'config'> {
  readonly config: PortalConfig;
  /** Origin of the pictures, e.g. `https://bucket.s3.eu-central-1.amazonaws.com`. */
  readonly objectsOrigin: string;
  /** Origin of the issuer's token endpoint, if it differs from the issuer's. */
  readonly tokenOrigin?: string | undefined;
}

export function servePortal({ objectsOrigin, tokenOrigin, ...options }: PortalOptions): ReturnType<typeof serveApp> {
  return serveApp({ ...options, name: 'portal', headers: securityHeaders(options.config, objectsOrigin, tokenOrigin) });
}

import { type AppOptions, serveApp } from '@spinbay/runtime';
import type { PortalConfig } from '../portal-config.ts';
import { securityHeaders } from './security-headers.ts';

export interface PortalOptions extends Omit<AppOptions, 'name' | 'headers' | 'config'> {
  readonly config: PortalConfig;
  /** Origin of the pictures, e.g. `https://bucket.s3.eu-central-1.amazonaws.com`. */
  readonly objectsOrigin: string;
}

export function servePortal({ objectsOrigin, ...options }: PortalOptions): ReturnType<typeof serveApp> {
  return serveApp({ ...options, name: 'portal', headers: securityHeaders(options.config, objectsOrigin) });
}

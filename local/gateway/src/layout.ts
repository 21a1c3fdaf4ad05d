import { join } from 'node:path';

/** Paths under the common origin. The portal is at the root and the object store at the name of the bucket. */
const prefixes = { api: '/api', capture: '/capture', oidc: '/oidc' } as const;

/** The path at which a phone downloads the certificate authority. */
export const authorityPath = '/ca.crt';

/** The public addresses of all services under one origin, which may belong to a reverse proxy. */
export function publicUrlsOf(origin: string) {
  return {
    portal: origin,
    api: origin + prefixes.api,
    capture: origin + prefixes.capture,
    oidc: origin + prefixes.oidc,
    objects: origin,
  };
}

/** Names that a bucket cannot have, because other services or pages of the portal use them as paths. */
const reservedNames = [
  'api',
  'capture',
  'oidc',
  'assets',
  'sessions',
  'vehicles',
  'login',
  'admin',
  'promise',
  'ca.crt',
];

export function isBucketNameTaken(bucket: string): boolean {
  return reservedNames.includes(bucket);
}

export type Upstream = 'portal' | 'api' | 'capture' | 'oidc' | 'objects';

/** The service for a path, and the path within that service. */
export function upstreamOf(path: string, bucket: string): { upstream: Upstream; path: string } {
  for (const [upstream, prefix] of Object.entries(prefixes) as [Upstream, string][])
    if (path.startsWith(`${prefix}/`)) return { upstream, path: path.slice(prefix.length) };
  if (path.startsWith(`/${bucket}/`)) return { upstream: 'objects', path };
  return { upstream: 'portal', path };
}

/** PEM files of a data folder: the certificates of its HTTPS address and their keys. */
export function certificateFiles(dataDir: string) {
  const at = (name: string) => join(dataDir, 'lan', name);
  return { authority: at('ca.pem'), authorityKey: at('ca-key.pem'), cert: at('server.pem'), key: at('server-key.pem') };
}

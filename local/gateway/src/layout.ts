import { join } from 'node:path';

/** Under one origin: the portal at its root, the object store at the bucket's name, and these. */
const prefixes = { api: '/api', capture: '/capture', oidc: '/oidc' } as const;

/** Where a phone gets the certificate authority. */
export const authorityPath = '/ca.crt';

/** The public addresses of all parts under one origin, which may be a reverse proxy's. */
export function publicUrlsOf(origin: string) {
  return {
    portal: origin,
    api: origin + prefixes.api,
    capture: origin + prefixes.capture,
    oidc: origin + prefixes.oidc,
    objects: origin,
  };
}

/** First parts of paths that a bucket cannot be called by: other parts of the installation, and the portal's own pages. */
const taken = ['api', 'capture', 'oidc', 'assets', 'sessions', 'vehicles', 'login', 'admin', 'promise', 'ca.crt'];

export function isBucketNameTaken(bucket: string): boolean {
  return taken.includes(bucket);
}

export type Part = 'portal' | 'api' | 'capture' | 'oidc' | 'objects';

/** Which part answers a path, and the path that it knows the page by. */
export function partOf(path: string, bucket: string): { part: Part; path: string } {
  for (const [part, prefix] of Object.entries(prefixes) as [Part, string][])
    if (path.startsWith(`${prefix}/`)) return { part, path: path.slice(prefix.length) };
  if (path.startsWith(`/${bucket}/`)) return { part: 'objects', path };
  return { part: 'portal', path };
}

/** Where a data folder keeps the certificates of its HTTPS address, and their keys: PEM. */
export function certificateFiles(dataDir: string) {
  const at = (name: string) => join(dataDir, 'lan', name);
  return { authority: at('ca.pem'), authorityKey: at('ca-key.pem'), cert: at('server.pem'), key: at('server-key.pem') };
}

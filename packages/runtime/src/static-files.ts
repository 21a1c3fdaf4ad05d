import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const types: Record<string, { type: string; text: boolean }> = {
  '.html': { type: 'text/html; charset=utf-8', text: true },
  '.js': { type: 'text/javascript; charset=utf-8', text: true },
  '.css': { type: 'text/css; charset=utf-8', text: true },
  '.json': { type: 'application/json; charset=utf-8', text: true },
  '.svg': { type: 'image/svg+xml', text: true },
  '.txt': { type: 'text/plain; charset=utf-8', text: true },
  '.map': { type: 'application/json; charset=utf-8', text: true },
  '.webmanifest': { type: 'application/manifest+json', text: true },
  '.png': { type: 'image/png', text: false },
  '.ico': { type: 'image/x-icon', text: false },
  '.woff2': { type: 'font/woff2', text: false },
};

const encoders = {
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (body: Buffer) => promisify(gzip)(body, { level: 9 }),
} as const;
export type Encoding = keyof typeof encoders;

export interface StaticFile {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  readonly body: Buffer;
  /** The compressed body, which the first request caches. Null for small files and types that are compressed already. */
  encoded(encoding: Encoding): Promise<Buffer> | null;
}

/** A file in memory. `immutable`: the name changes with the content, so browsers can cache it forever. */
export function staticFile(path: string, body: Buffer, immutable: boolean): StaticFile {
  const { type, text } = types[extname(path).toLowerCase()] ?? { type: 'application/octet-stream', text: false };
  const kept = new Map<Encoding, Promise<Buffer>>();
  return {
    type,
    body,
    etag: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    cacheControl: immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    encoded(encoding) {
      if (!text || body.length < 500) return null;
      const known = kept.get(encoding);
      if (known !== undefined) return known;
      const made = encoders[encoding](body);
      kept.set(encoding, made);
      // After a failure, for example for lack of memory, the next request tries again.
      made.catch(() => kept.delete(encoding));
      return made;
    },
  };
}

/**
 * Reads the files of a built app into memory, by URL path. Requests can then access only these files, and nothing else on
 * the disk. Does not follow links in the folder.
 */
export async function readStaticFiles(root: string): Promise<Map<string, StaticFile>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = new Map<string, StaticFile>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const address = `/${relative(root, path).split(sep).join('/')}`;
    files.set(address, staticFile(path, await readFile(path), address.startsWith('/assets/')));
  }
  return files;
}

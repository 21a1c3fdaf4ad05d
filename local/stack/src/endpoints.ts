import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writePrivate } from './data-folder.ts';

/**
 * Addresses and demo sign-ins. Written when everything has started, removed when it stops. Mode 0600, because it has
 * passwords.
 */
export const Endpoints = z.object({
  api: z.string(),
  portal: z.string(),
  capture: z.string(),
  /** Null if the bucket is at Amazon S3, whose address the SDK chooses. */
  objects: z.string().nullable(),
  /** The HTTPS address for phones and the file of its certificate authority, with `--lan`. */
  lan: z.object({ url: z.string(), api: z.string(), ca: z.string() }).optional(),
  queue: z.string(),
  /** Whether the queue is the local one, which accepts only local access keys. An earlier version did not write it. */
  has_local_queue: z.boolean().default(true),
  oidc: z.string(),
  database: z.string(),
  /** Null if there is no demo organization. */
  demo: z
    .object({
      org_id: z.string(),
      site_ids: z.array(z.string()),
      users: z.array(z.object({ email: z.string(), password: z.string(), role: z.string() })),
    })
    .nullable(),
});
export type Endpoints = z.output<typeof Endpoints>;

export async function writeEndpoints(dataDir: string, endpoints: Endpoints): Promise<void> {
  await writePrivate(file(dataDir), endpoints);
}

/**
 * @returns null if nothing runs on this folder. After a crash, the file of the last run remains until the next start
 * @throws StackError if the file cannot be read
 */
export async function readEndpoints(dataDir: string): Promise<Endpoints | null> {
  return readIfPresent(
    file(dataDir),
    Endpoints,
    'Restart Spinbay, which writes it again. If Spinbay does not run here, remove the file.',
  );
}

export async function removeEndpoints(dataDir: string): Promise<void> {
  await rm(file(dataDir), { force: true });
}

function file(dataDir: string): string {
  return join(dataDir, 'endpoints.json');
}

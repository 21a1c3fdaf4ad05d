import { z } from 'zod';

/**
 * A backup is a tar archive: `manifest.json`, then `cluster/`, `blobs/` and `files/` in any order, then `end.json`. What is
 * cut off has no end.
 */
export const Manifest = z.object({
  /** Counted up when an earlier program could not restore it any more. */
  format: z.literal(1),
  made_at: z.iso.datetime(),
  spinbay: z.string(),
  /** A cluster runs on the kind of machine that made it only. */
  platform: z.string(),
  arch: z.string(),
});
export type Manifest = z.output<typeof Manifest>;

export const End = z.object({
  entries: z.int(),
  /** Of all bytes between manifest and end, in hex. */
  sha256: z.string(),
});

/** What is in the data folder and no part of a backup: made at each start, or copied by other means. */
export const notBackedUp = new Set(['endpoints.json', 'logs', 'objects', 'postgres', 'running', 'restoring']);

/** Present while a backup is being restored, and after that was interrupted. */
export const unfinishedMark = 'restoring';

const name = '[A-Za-z0-9_.@-]{1,200}';
/** No `..`, nothing absolute, nothing hidden but what PostgreSQL makes. */
const entryNames = {
  cluster: new RegExp(`^cluster/(?:${name}/)*${name}$`),
  blobs: /^blobs\/([0-9a-f]{2})\/\1[0-9a-f]{6}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/,
  files: new RegExp(`^files/${name}$`),
};

/** Where an entry belongs. @returns null for a name that no backup of ours has */
export function placeOf(entry: string): { part: keyof typeof entryNames; path: string } | null {
  if (entry.split('/').some((step) => step === '.' || step === '..')) return null;
  for (const part of Object.keys(entryNames) as (keyof typeof entryNames)[]) {
    if (entryNames[part].test(entry)) return { part, path: entry.slice(part.length + 1) };
  }
  return null;
}

import { z } from 'zod';

/**
 * A backup is a tar archive: `manifest.json`, then `cluster/`, `blobs/` and `files/` in any order, then `end.json`. An
 * incomplete archive lacks `end.json`. Format 1 lacks the certificates in `files/lan/`.
 */
export const Manifest = z.object({
  /** Increased when earlier versions of the program cannot restore the format. */
  format: z.literal([1, 2]),
  made_at: z.iso.datetime(),
  spinbay: z.string(),
  /** A database cluster runs only on the kind of machine that made it. */
  platform: z.string(),
  arch: z.string(),
});
export type Manifest = z.output<typeof Manifest>;

export const End = z.object({
  entries: z.int(),
  /** SHA-256 of the contents of all entries before this one, including the manifest, in hex. */
  sha256: z.string(),
});

/** Files of the data folder that are not copied as files: they are made at each start, or copied separately. */
export const notBackedUp = new Set(['endpoints.json', 'logs', 'objects', 'postgres', 'running', 'restoring']);

/** A file that exists during a restore, and after an interrupted one. */
export const unfinishedMark = 'restoring';

const name = '[A-Za-z0-9_.@-]{1,200}';
/** Names of plain characters, and no absolute paths. `parseEntryName` also refuses `.` and `..`. */
const entryNames = {
  cluster: new RegExp(`^cluster/(?:${name}/)*${name}$`),
  blobs: /^blobs\/([0-9a-f]{2})\/\1[0-9a-f]{6}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/,
  files: new RegExp(`^files/(?:lan/)?${name}$`),
};

/** Splits the name of an entry. @returns null for a name that no Spinbay backup has */
export function parseEntryName(entry: string): { part: keyof typeof entryNames; path: string } | null {
  if (entry.split('/').some((step) => step === '.' || step === '..')) return null;
  for (const part of Object.keys(entryNames) as (keyof typeof entryNames)[]) {
    if (entryNames[part].test(entry)) return { part, path: entry.slice(part.length + 1) };
  }
  return null;
}

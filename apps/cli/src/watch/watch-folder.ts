import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { listFolder, type PhotoFile } from '../ingest/list-folder.ts';
import { isComplete } from './is-complete.ts';

const pollMs = 500;
/** An incomplete file that has not grown for this long is uploaded anyway. The server then reports what is wrong. */
const giveUpAfterMs = 15_000;

interface Seen {
  readonly fingerprint: string;
  readonly since: number;
}

/**
 * Yields each photo when it is complete and did not change between two polls, and an incomplete one after `giveUpAfterMs`.
 * Yields a file again when it is written again. Polling also works on network drives, which send no change notifications.
 * @param known files that were there before, by name and `fingerprintOf`
 */
export async function* watchFolder(
  folder: string,
  known: ReadonlyMap<string, string>,
  signal: AbortSignal,
): AsyncGenerator<PhotoFile> {
  const taken = new Map(known);
  const growing = new Map<string, Seen>();
  while (!signal.aborted) {
    for (const photo of (await listFolder(folder)).photos) {
      const fingerprint = await fingerprintOf(photo.path);
      if (fingerprint === null || taken.get(photo.file) === fingerprint) continue;
      const seen = growing.get(photo.file);
      if (seen?.fingerprint !== fingerprint) {
        growing.set(photo.file, { fingerprint, since: performance.now() });
        continue;
      }
      const isLate = performance.now() - seen.since > giveUpAfterMs;
      if (!isLate && !(await isComplete(photo.path).catch(() => false))) continue;
      growing.delete(photo.file);
      taken.set(photo.file, fingerprint);
      yield photo;
    }
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Changes when the file is written. Null if the file is empty or gone, like the temporary files of some programs. */
export async function fingerprintOf(path: string): Promise<string | null> {
  const info = await stat(path).catch(() => null);
  return info === null || info.size === 0 ? null : `${info.size} ${info.mtimeMs}`;
}

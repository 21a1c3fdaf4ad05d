import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { listFolder, type PhotoFile } from '../ingest/list-folder.ts';
import { hasItsEnd } from './is-complete.ts';

const lookEvery = 500;
/** A file without its end that has not grown for so long is taken as it is: the server then says what is wrong with it. */
const giveUpAfter = 15_000;

interface Seen {
  readonly mark: string;
  readonly since: number;
}

/**
 * Yields photos as they become complete: not growing between two looks, and with their end. A file that is written anew is
 * yielded again. Looking at the names works on network drives too, where the system tells of no changes.
 * @param known files that were there before, by name and `markOf`
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
      const mark = await markOf(photo.path);
      if (mark === null || taken.get(photo.file) === mark) continue;
      const seen = growing.get(photo.file);
      if (seen?.mark !== mark) {
        growing.set(photo.file, { mark, since: performance.now() });
        continue;
      }
      const isLate = performance.now() - seen.since > giveUpAfter;
      if (!isLate && !(await hasItsEnd(photo.path).catch(() => false))) continue;
      growing.delete(photo.file);
      taken.set(photo.file, mark);
      yield photo;
    }
    await sleep(lookEvery, undefined, { signal }).catch(() => undefined);
  }
}

/** Changes when the file is written. Null where it is gone again, as the drafts of some programs are. */
export async function markOf(path: string): Promise<string | null> {
  const info = await stat(path).catch(() => null);
  return info === null || info.size === 0 ? null : `${info.size} ${info.mtimeMs}`;
}

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type CapturedBy, isPlausibleTime, maxImageBytes } from '@spinbay/contracts';
import { exifOf } from '@spinbay/imaging/file';

/** The facts that are announced before a photo is sent, or the reason why it cannot be sent. */
export type PhotoFacts =
  | { readonly size: number; readonly sha256: string; readonly capturedAt: Date | null }
  | { readonly refused: string };

export async function readPhoto(path: string): Promise<PhotoFacts> {
  try {
    const { size } = await stat(path);
    if (size === 0) return { refused: 'is empty (0 bytes). Copy it from the camera again.' };
    if (size > maxImageBytes)
      return { refused: `has ${Math.ceil(size / 2 ** 20)} MB; the limit is ${maxImageBytes / 2 ** 20} MB.` };
    const bytes = await readFile(path);
    return {
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      capturedAt: captureTime(exifOf(bytes).taken_at),
    };
  } catch (error) {
    return { refused: `cannot be read (${(error as NodeJS.ErrnoException).code}).` };
  }
}

/** The camera's time; without an offset, in this computer's time zone. Null if it is implausible. */
function captureTime(takenAt: string | null): Date | null {
  if (takenAt === null) return null;
  const time = new Date(takenAt);
  return isPlausibleTime(time) ? time : null;
}

/** Photos that were taken longer than this before the first run are an import: nobody was waiting for them. */
const importAfterMs = 3_600_000;

/**
 * One answer for all photos of a folder: `import` if any of them was taken long before the first run.
 * @param began start of the first run, in epoch milliseconds
 */
export function capturedByOf(times: readonly Date[], began: number): CapturedBy {
  return times.some((time) => began - time.getTime() > importAfterMs) ? 'import' : 'camera';
}

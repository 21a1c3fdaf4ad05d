import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type CapturedBy, isCaptureTime, maxImageBytes } from '@spinbay/contracts';
import { exifOf } from '@spinbay/imaging/file';

/** What is told of a photo before it is sent, or why it cannot be sent. */
export type PhotoFacts =
  | { readonly size: number; readonly sha256: string; readonly capturedAt: Date | null }
  | { readonly refused: string };

export async function readPhoto(path: string): Promise<PhotoFacts> {
  try {
    const { size } = await stat(path);
    if (size === 0) return { refused: 'is empty (0 bytes). Copy it from the camera again.' };
    if (size > maxImageBytes)
      return { refused: `has ${Math.ceil(size / 2 ** 20)} MB; at most ${maxImageBytes / 2 ** 20} MB are taken.` };
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

/** The camera's time; without an offset it is that of this computer's zone. Null where it cannot be right. */
function captureTime(takenAt: string | null): Date | null {
  if (takenAt === null) return null;
  const time = new Date(takenAt);
  return isCaptureTime(time) ? time : null;
}

/** Photos that were taken so long before they were first sent are an import: nobody waited for them. */
const importAfterMs = 3_600_000;

/** For all photos of a folder together. @param began the first run, in epoch milliseconds */
export function capturedByOf(times: readonly Date[], began: number): CapturedBy {
  return times.some((time) => began - time.getTime() > importAfterMs) ? 'import' : 'camera';
}

import type { ImageRejectedCode } from '../image-rejected.ts';
import type { ImageMeasures, MeasureOptions } from '../measure-image.ts';

/** The parent's request to measure one picture. The child reads the file itself, so the bytes do not cross a pipe. */
export interface MeasureRequest extends Pick<MeasureOptions, 'qc' | 'maxBytes' | 'keepGps' | 'otherGrids'> {
  readonly file: string;
}

/** The child sends this when it can take a request. */
export const readyMessage = 'ready';
/** The child sends this when it starts with a picture. */
export const begunMessage = 'begun';

export type ChildMessage = typeof readyMessage | typeof begunMessage | MeasureAnswer;

/** The child's answer. `rss` is the memory of its process in bytes. */
export type MeasureAnswer =
  | { readonly kind: 'measured'; readonly measures: ImageMeasures; readonly rss: number }
  | { readonly kind: 'rejected'; readonly code: ImageRejectedCode; readonly message: string; readonly rss: number }
  /** An unexpected error occurred while measuring. A retry with the same picture would fail, too. */
  | { readonly kind: 'broke'; readonly message: string; readonly rss: number }
  /** The file could not be opened. This says nothing about the picture. */
  | { readonly kind: 'fault'; readonly message: string; readonly rss: number };

/** A child sends itself this signal when it exceeds its memory limit. No other process sends it. */
export const outOfMemorySignal = 'SIGUSR2';

/** Positions in the child's `process.argv`: its memory limit in bytes, and the path of an ffmpeg, if any. */
export const maxRssArgument = 2;
export const ffmpegArgument = 3;

/**
 * Kills a measuring process together with the ffmpeg that it may have started: the process leads a group of its own. Does
 * nothing if they have ended.
 */
export function killGroup(pid: number): void {
  try {
    // Windows has no process groups.
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

import type { ImageRejectedCode } from '../image-rejected.ts';
import type { ImageMeasures, MeasureOptions } from '../measure-image.ts';

/** What the parent sends: one picture. The child reads the file itself, so that its bytes cross no pipe. */
export interface MeasureRequest extends Pick<MeasureOptions, 'qc' | 'maxBytes' | 'keepGps'> {
  readonly file: string;
}

/** What the child says once it can take a request. */
export const readyMessage = 'ready';
/** What the child says when it begins with a picture. */
export const begunMessage = 'begun';

export type ChildMessage = typeof readyMessage | typeof begunMessage | MeasureAnswer;

/** What the child answers. */
export type MeasureAnswer =
  | { readonly kind: 'measured'; readonly measures: ImageMeasures; readonly rss: number }
  | { readonly kind: 'rejected'; readonly code: ImageRejectedCode; readonly message: string; readonly rss: number }
  /** An error that nobody foresaw came out of the measuring itself: it comes again with the same picture. */
  | { readonly kind: 'broke'; readonly message: string; readonly rss: number }
  /** The file could not be opened: nothing is known to be wrong with the picture. */
  | { readonly kind: 'fault'; readonly message: string; readonly rss: number };

/** With this signal a child ends itself when it needs more memory than it may have. Nobody else sends it. */
export const outOfMemorySignal = 'SIGUSR2';

/** Arguments of the child: its memory limit in bytes, and where there is an ffmpeg its path. */
export const maxRssArgument = 2;
export const ffmpegArgument = 3;

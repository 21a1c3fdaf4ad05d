import type { ViewerFrame } from './frames.ts';

export type Sharpness = '600' | '1200' | 'original';

/** A picture may be stretched by this much before a larger one is fetched. */
const stretch = 1.1;

/**
 * The smallest picture of a frame that is sharp enough for `pixels`, the width in device pixels it is shown at. The
 * original may be 20 MB and is taken only when somebody zooms.
 */
export function sharpnessFor(frame: ViewerFrame, pixels: number, zoomed: boolean): Sharpness {
  if (zoomed && frame.original && pixels > 1200 * stretch) return 'original';
  return frame.src1200 && pixels > 600 * stretch ? '1200' : '600';
}

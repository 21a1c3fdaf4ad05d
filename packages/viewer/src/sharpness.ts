import type { ViewerFrame } from './frames.ts';

export type Sharpness = '600' | '1200' | 'original';

/** The factor by which a picture may be enlarged before a larger one is fetched. */
const maxEnlargement = 1.1;

/**
 * Chooses the smallest picture of a frame that is sharp enough for `pixels`, its displayed width in device pixels. The
 * original may have 20 MB and is used only when the user zooms in.
 */
export function sharpnessFor(frame: ViewerFrame, pixels: number, zoomed: boolean): Sharpness {
  if (zoomed && frame.original && pixels > 1200 * maxEnlargement) return 'original';
  return frame.src1200 && pixels > 600 * maxEnlargement ? '1200' : '600';
}

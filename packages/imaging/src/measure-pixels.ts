import type { QcThresholds, ThumbSize } from '@spinbay/contracts';
import { flatPart } from './flat-part.ts';
import { gradeQuality, type PictureFacts, type QualityGrade } from './grade-quality.ts';
import { colourGrid } from './kernel/colour-grid.ts';
import { movingRegion } from './kernel/moving-region.ts';
import { perceptualHash } from './kernel/perceptual-hash.ts';
import type { PixelBuffer } from './kernel/quality-measures.ts';
import { measureQualityFast } from './kernel/wasm-kernel.ts';
import { makeThumbs, type Thumb } from './thumbs.ts';
import { uprightSize } from './upright.ts';

/** A decoded picture of any file format. */
export interface DecodedPicture extends Pick<PictureFacts, 'damage' | 'notes'> {
  /** Stored values in the file's colour space. */
  readonly pixels: PixelBuffer;
  /** The EXIF orientation (1-8) that is still to be applied. 1 if the picture is upright. */
  readonly orientation: number;
  /** The ICC profile, which the thumbs keep so that their colours match. */
  readonly icc: Uint8Array | null;
}

export interface PixelMeasures extends QualityGrade {
  /** The size as shown, after the EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** 64-bit perceptual hash of the picture as shown, 16 hex digits. */
  readonly phash: string;
  /** The mean colours of 16 x 16 parts of the picture as shown: RGB bytes, row by row. */
  readonly colourGrid: Uint8Array;
  readonly thumbs: Readonly<Record<ThumbSize, Thumb>>;
}

/**
 * Computes the measures, their grade, the perceptual hash, the colour grid and the thumbs.
 * @param otherGrids the colour grids of other frames of the spin
 */
export async function measurePixels(
  picture: DecodedPicture,
  thresholds: QcThresholds,
  otherGrids: readonly Uint8Array[],
): Promise<PixelMeasures> {
  const { pixels, orientation, icc, damage, notes } = picture;
  const grid = colourGrid(pixels, orientation);
  const measures = measureQualityFast(pixels, movingRegion(grid, otherGrids, orientation));
  const phash = perceptualHash(measures.reduced, orientation);
  const size = uprightSize(pixels.width, pixels.height, orientation);
  return {
    ...size,
    ...gradeQuality(measures, { ...size, orientation, damage: withFlatPart(damage, pixels), notes }, thresholds),
    phash,
    colourGrid: grid,
    thumbs: await makeThumbs(pixels, orientation, icc),
  };
}

/** A part with a single colour only makes damage likely: somebody may have added a bar. */
function withFlatPart(damage: PictureFacts['damage'], pixels: PixelBuffer): PictureFacts['damage'] {
  const share = flatPart(pixels);
  if (share === 0) return damage;
  return { status: damage?.status === 'fail' ? 'fail' : 'warn', faults: damage?.faults ?? 0, flat_share: share };
}

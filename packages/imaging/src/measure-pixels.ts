import type { QcThresholds, ThumbSize } from '@spinbay/contracts';
import { gradeQuality, type PictureFacts, type QualityGrade } from './grade-quality.ts';
import { perceptualHash } from './kernel/perceptual-hash.ts';
import type { PixelBuffer } from './kernel/quality-measures.ts';
import { measureQualityFast } from './kernel/wasm-kernel.ts';
import { makeThumbs, type Thumb } from './thumbs.ts';
import { uprightSize } from './upright.ts';

/** A picture as its decoder gave it, whatever its file format. */
export interface DecodedPicture extends Pick<PictureFacts, 'damage' | 'notes'> {
  /** Stored values in the file's own colour space. */
  readonly pixels: PixelBuffer;
  /** The EXIF orientation (1-8) that is still to be applied; 1 where the decoder has turned the picture upright. */
  readonly orientation: number;
  /** For the thumbs, so that their colours are shown as those of the picture. */
  readonly icc: Uint8Array | null;
}

export interface PixelMeasures extends QualityGrade {
  /** As shown, after the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** 64-bit perceptual hash of the picture as shown, 16 hex digits. */
  readonly phash: string;
  readonly thumbs: Readonly<Record<ThumbSize, Thumb>>;
}

/** All that needs pixels: the figures and their grade, the perceptual hash, the thumbs. */
export async function measurePixels(picture: DecodedPicture, thresholds: QcThresholds): Promise<PixelMeasures> {
  const { pixels, orientation, icc, damage, notes } = picture;
  const measures = measureQualityFast(pixels);
  const phash = perceptualHash(measures.reduced, orientation);
  const size = uprightSize(pixels.width, pixels.height, orientation);
  return {
    ...size,
    ...gradeQuality(measures, { ...size, orientation, damage, notes }, thresholds),
    phash,
    thumbs: await makeThumbs(pixels, orientation, icc),
  };
}

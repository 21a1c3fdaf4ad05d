import type { ImageNote, Qc, QcVersion } from '@spinbay/contracts';
import type { QualityMeasures } from './kernel/quality-measures.ts';

/**
 * Which figures decide. `v1`: the sharpness at full size and the clipping of the whole picture. `v2`: the sharpness at 1000 px,
 * which noise and resolution do not fool, and the clipping of the centre, so that a white or black studio is no fault.
 * Every figure is kept either way.
 */
export type QcProfile = 'v1' | 'v2';

export interface QualityThresholds {
  /** `v1` when left out. */
  readonly profile?: QcProfile;
  /** A deciding sharpness below this is a fail. */
  readonly sharpnessFail: number;
  /** A deciding sharpness from `sharpnessFail` up to and including this is a warning, above it a pass. */
  readonly sharpnessWarn: number;
  /** More than this share of pure white or of pure black pixels is a fail. */
  readonly clipFraction: number;
  /** A long side below this, in pixels, is a fail. */
  readonly sizeFail: number;
  /** A long side from `sizeFail` to below this is a warning. */
  readonly sizeWarn: number;
}

/** What is known of a picture beside its pixels. */
export interface PictureFacts {
  /** As shown. */
  readonly width: number;
  readonly height: number;
  /** Left out where the file's format does not let it be known. */
  readonly damage?: Qc['damage'];
  readonly notes?: readonly ImageNote[];
}

export interface QualityGrade {
  /** The part of the record's `qc` that a picture alone can tell. */
  readonly qc: Omit<Qc, 'duplicate_of'>;
  readonly version: QcVersion;
  /** `failed` when any part failed; a warning is still `processed`. */
  readonly status: 'processed' | 'failed';
}

/** Puts the measures beside the thresholds. */
export function gradeQuality(
  measures: QualityMeasures,
  { width, height, damage, notes = [] }: PictureFacts,
  thresholds: QualityThresholds,
): QualityGrade {
  const { sharpness, sharpness1000, clippedWhite, clippedBlack, meanLuma, centre } = measures;
  const { profile = 'v1', sharpnessFail, sharpnessWarn, clipFraction, sizeFail, sizeWarn } = thresholds;
  const score = profile === 'v1' ? sharpness : sharpness1000;
  const clipping = profile === 'v1' ? measures : centre;
  const sharp = score < sharpnessFail ? 'fail' : score <= sharpnessWarn ? 'warn' : 'pass';
  const exposed = Math.max(clipping.clippedWhite, clipping.clippedBlack) > clipFraction ? 'fail' : 'pass';
  const longSide = Math.max(width, height);
  const large = longSide < sizeFail ? 'fail' : longSide < sizeWarn ? 'warn' : 'pass';
  return {
    qc: {
      sharpness: { score: sharpness, score_1000: sharpness1000, status: sharp },
      exposure: {
        status: exposed,
        clipped_white: clippedWhite,
        clipped_black: clippedBlack,
        mean_luma: meanLuma,
        histogram: binned(measures.histogram),
        centre: {
          red: centre.red,
          green: centre.green,
          blue: centre.blue,
          luma: centre.luma,
          clipped_white: centre.clippedWhite,
          clipped_black: centre.clippedBlack,
        },
      },
      size: { status: large, width, height },
      ...(damage === undefined ? {} : { damage }),
      ...(notes.length === 0 ? {} : { notes: [...notes] }),
    },
    version: profile === 'v1' ? 1 : 2,
    status: [sharp, exposed, large, damage?.status].includes('fail') ? 'failed' : 'processed',
  };
}

/** 64 bins of four grey values each, in pixels of ten thousand. */
function binned(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return Array.from({ length: 64 }, (_, bin) => {
    const count = counts.slice(bin * 4, bin * 4 + 4).reduce((sum, value) => sum + value, 0);
    return Math.round((count * 10_000) / total);
  });
}

import type { Qc, QcVersion } from '@spinbay/contracts';
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
}

export interface QualityGrade {
  /** The part of the record's `qc` that a picture alone can tell. */
  readonly qc: Omit<Qc, 'duplicate_of'>;
  readonly version: QcVersion;
  /** `failed` when sharpness or exposure failed; a warning is still `processed`. */
  readonly status: 'processed' | 'failed';
}

/** Puts the measures beside the thresholds. */
export function gradeQuality(measures: QualityMeasures, thresholds: QualityThresholds): QualityGrade {
  const { sharpness, sharpness1000, clippedWhite, clippedBlack, meanLuma, centre } = measures;
  const { profile = 'v1', sharpnessFail, sharpnessWarn, clipFraction } = thresholds;
  const score = profile === 'v1' ? sharpness : sharpness1000;
  const clipping = profile === 'v1' ? measures : centre;
  const sharp = score < sharpnessFail ? 'fail' : score <= sharpnessWarn ? 'warn' : 'pass';
  const exposed = Math.max(clipping.clippedWhite, clipping.clippedBlack) > clipFraction ? 'fail' : 'pass';
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
    },
    version: profile === 'v1' ? 1 : 2,
    status: sharp === 'fail' || exposed === 'fail' ? 'failed' : 'processed',
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

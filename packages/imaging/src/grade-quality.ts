import type { Qc } from '@spinbay/contracts';
import type { QualityMeasures } from './quality-kernel.ts';

export interface QualityThresholds {
  /** A sharpness below this is a fail. */
  readonly sharpnessFail: number;
  /** A sharpness from `sharpnessFail` up to and including this is a warning, above it a pass. */
  readonly sharpnessWarn: number;
  /** More than this share of pure white or of pure black pixels is a fail. */
  readonly clipFraction: number;
}

/** The part of the record's `qc` that a picture alone can tell. */
export type QualityGrade = Pick<Qc, 'sharpness' | 'exposure'>;

/** Puts the measures beside the thresholds (quality check version 1). */
export function gradeQuality(measures: QualityMeasures, thresholds: QualityThresholds): QualityGrade {
  const { sharpness, clippedWhite, clippedBlack, meanLuma } = measures;
  const { sharpnessFail, sharpnessWarn, clipFraction } = thresholds;
  return {
    sharpness: {
      score: sharpness,
      status: sharpness < sharpnessFail ? 'fail' : sharpness <= sharpnessWarn ? 'warn' : 'pass',
    },
    exposure: {
      status: clippedWhite > clipFraction || clippedBlack > clipFraction ? 'fail' : 'pass',
      clipped_white: clippedWhite,
      clipped_black: clippedBlack,
      mean_luma: meanLuma,
    },
  };
}

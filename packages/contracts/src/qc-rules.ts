import { z } from 'zod';
import type { Qc, QcVersion } from './qc.ts';

/**
 * The rules that judge a frame, each by its own figures. All figures are always stored.
 * - `v1`: the sharpness at full size and the clipping of the whole picture
 * - `v2`: the sharpness at 1000 px, which does not depend on noise and resolution, and the clipping of the centre
 * - `v3`: the width of edges, which does not depend on the amount of detail, and the clipping of the centre and the darkest
 *   and brightest tones of the whole picture, so that white studios, black cars and highlights on paint pass
 */
export const QcProfile = z.enum(['v1', 'v2', 'v3']).meta({ id: 'QcProfile' });
export type QcProfile = z.output<typeof QcProfile>;

export const qcVersions: Readonly<Record<QcProfile, QcVersion>> = { v1: 1, v2: 2, v3: 3 };

export const QcThresholds = z
  .object({
    profile: QcProfile,
    sharpness_fail: z.number().min(0).meta({ description: 'v1: a score below this fails' }),
    sharpness_warn: z.number().min(0).meta({ description: 'v1: a score up to this warns' }),
    sharpness_1000_fail: z.number().min(0).meta({ description: 'v2: a score at 1000 px below this fails' }),
    sharpness_1000_warn: z.number().min(0).meta({ description: 'v2: a score at 1000 px up to this warns' }),
    edge_width_warn: z.number().min(0).meta({ description: 'v3: edges wider than this warn, in pixels at 1600 px' }),
    edge_width_fail: z.number().min(0).meta({ description: 'v3: edges wider than this fail, in pixels at 1600 px' }),
    clip_fraction: z.number().min(0).max(1).meta({
      description: 'v1, v2: a share of pure white or pure black pixels above this fails',
    }),
    size_fail: z.number().min(0).meta({ description: 'a long side below this fails, in pixels' }),
    size_warn: z.number().min(0).meta({ description: 'a long side below this warns, in pixels' }),
  })
  .meta({ id: 'QcThresholds' });
export type QcThresholds = z.output<typeof QcThresholds>;

export const defaultQcThresholds: QcThresholds = {
  profile: 'v1',
  sharpness_fail: 100,
  sharpness_warn: 300,
  sharpness_1000_fail: 150,
  sharpness_1000_warn: 300,
  edge_width_warn: 2.5,
  edge_width_fail: 2.8,
  clip_fraction: 0.05,
  size_fail: 100,
  size_warn: 640,
};

/** The limits of v3 for tones. Every car has dark tyres and bright lamps, whatever its paint and its studio. */
const tones = {
  /** If half of the centre is pure white or pure black, the car is not visible. */
  clipped: 0.5,
  /** Tyres, grille and shadow: the darkest 5 % of a picture are darker than this grey value. */
  darkShare: 0.05,
  darkest: 150,
  /** Lamps, chrome, reflections: the brightest 2 % are brighter than this. */
  brightShare: 0.02,
  brightest: 80,
} as const;

type PartStatus = 'pass' | 'warn' | 'fail';
/** What was measured, with or without statuses. */
export interface QcFigures {
  readonly sharpness: Omit<Qc['sharpness'], 'status'>;
  readonly exposure: Omit<Qc['exposure'], 'status'>;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly damage?: Qc['damage'] | undefined;
}

interface QcJudgement {
  readonly sharpness: PartStatus;
  readonly exposure: 'pass' | 'fail';
  /** Null if the size was not measured. */
  readonly size: PartStatus | null;
  /** The rules that were applied: those of `v1` if the figures of the profile were not measured. */
  readonly version: QcVersion;
  /** `failed` if any part failed, including damage; a warning is still `processed`. */
  readonly status: 'processed' | 'failed';
}

/** Compares stored figures with the thresholds, without the picture. Pure. */
export function judgeQc(figures: QcFigures, thresholds: QcThresholds): QcJudgement {
  const version = versionOf(figures, thresholds.profile);
  const sharpness = judgeSharpness(figures.sharpness, version, thresholds);
  const exposure = isExposed(figures.exposure, version, thresholds) ? 'pass' : 'fail';
  const size = figures.size ? judgeSize(figures.size, thresholds) : null;
  const failed = [sharpness, exposure, size, figures.damage?.status].includes('fail');
  return { sharpness, exposure, size, version, status: failed ? 'failed' : 'processed' };
}

function versionOf({ sharpness, exposure }: QcFigures, profile: QcProfile): QcVersion {
  if (exposure.centre === undefined) return 1;
  if (profile === 'v2' && sharpness.score_1000 !== undefined) return 2;
  return profile === 'v3' && sharpness.edges !== undefined ? 3 : 1;
}

function judgeSharpness(sharpness: QcFigures['sharpness'], version: QcVersion, thresholds: QcThresholds): PartStatus {
  if (version === 3) {
    const width = sharpness.edges?.width ?? null;
    // A picture without a single clear edge shows no car.
    if (width === null || width > thresholds.edge_width_fail) return 'fail';
    return width > thresholds.edge_width_warn ? 'warn' : 'pass';
  }
  const [score, fail, warn] =
    version === 2
      ? [sharpness.score_1000 ?? 0, thresholds.sharpness_1000_fail, thresholds.sharpness_1000_warn]
      : [sharpness.score, thresholds.sharpness_fail, thresholds.sharpness_warn];
  if (score < fail) return 'fail';
  return score <= warn ? 'warn' : 'pass';
}

function isExposed(exposure: QcFigures['exposure'], version: QcVersion, { clip_fraction }: QcThresholds): boolean {
  const { centre } = exposure;
  if (version === 3) return exposureFault(exposure) === null;
  const { clipped_white, clipped_black } = version === 2 && centre ? centre : exposure;
  return Math.max(clipped_white, clipped_black) <= clip_fraction;
}

/** What is wrong with the exposure by the rules of `v3`; null if nothing is, or if the figures are missing. */
export function exposureFault({ centre, histogram }: QcFigures['exposure']): 'too_bright' | 'too_dark' | null {
  if (centre && centre.clipped_white > tones.clipped) return 'too_bright';
  if (centre && centre.clipped_black > tones.clipped) return 'too_dark';
  if (histogram === undefined) return null;
  if (greyAt(histogram, tones.darkShare) > tones.darkest) return 'too_bright';
  return greyAt(histogram, 1 - tones.brightShare) < tones.brightest ? 'too_dark' : null;
}

/**
 * The grey value (0..255) that this share (0..1) of the pixels does not exceed. Rounded up to the end of a bin.
 * @param histogram counts in bins of equal width
 */
function greyAt(histogram: readonly number[], share: number): number {
  const wanted = share * histogram.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [bin, count] of histogram.entries()) {
    below += count;
    if (below >= wanted) return ((bin + 1) * 256) / histogram.length - 1;
  }
  return 255;
}

function judgeSize({ width, height }: { width: number; height: number }, thresholds: QcThresholds): PartStatus {
  const longSide = Math.max(width, height);
  if (longSide < thresholds.size_fail) return 'fail';
  return longSide < thresholds.size_warn ? 'warn' : 'pass';
}

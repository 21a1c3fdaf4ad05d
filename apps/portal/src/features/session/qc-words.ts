import {
  damageWords,
  edgeWidthWords,
  edgeWords,
  exposureFault,
  type Image,
  type Qc,
  type QcProfile,
  type QcThresholds,
  scoreWords,
  shareWords,
  sizeWords,
} from '@spinbay/contracts';
import { texts } from '../../ui/texts.ts';

/** The figures that decided, with their thresholds. */
export interface Figures {
  readonly rules: QcProfile;
  /** For `v3` the width of the edges in pixels (lower is better); null without one. */
  readonly score: number | null;
  readonly fail: number;
  readonly warn: number;
  /** Shares, 0 to 1. */
  readonly white: number;
  readonly black: number;
  readonly clipLimit: number;
}

export function figuresOf(qc: Qc, version: number | null, thresholds: QcThresholds): Figures {
  const { sharpness, exposure } = qc;
  const clipLimit = thresholds.clip_fraction;
  if (exposure.centre) {
    const centre = { white: exposure.centre.clipped_white, black: exposure.centre.clipped_black, clipLimit };
    if (version === 2 && sharpness.score_1000 !== undefined) {
      const { sharpness_1000_fail: fail, sharpness_1000_warn: warn } = thresholds;
      return { rules: 'v2', score: sharpness.score_1000, fail, warn, ...centre };
    }
    if (version === 3 && sharpness.edges !== undefined) {
      const { edge_width_fail: fail, edge_width_warn: warn } = thresholds;
      return { rules: 'v3', score: sharpness.edges.width, fail, warn, ...centre };
    }
  }
  return {
    rules: 'v1',
    score: sharpness.score,
    fail: thresholds.sharpness_fail,
    warn: thresholds.sharpness_warn,
    white: exposure.clipped_white,
    black: exposure.clipped_black,
    clipLimit,
  };
}

/** The text of a score, or of one of its thresholds. */
export function figureWords(rules: QcProfile, score: number | null): string {
  if (score === null) return '–';
  return rules === 'v3' ? `${edgeWidthWords(score)} px` : scoreWords(score);
}

/** Texts for the reasons why a frame did not simply pass; empty for a pass. */
export function reasonsOf(
  image: Pick<Image, 'status' | 'qc' | 'qc_version' | 'failure'>,
  thresholds: QcThresholds,
): string[] {
  const reasons = image.failure ? [image.failure.message] : [];
  if (image.qc) {
    const figures = figuresOf(image.qc, image.qc_version, thresholds);
    reasons.push(...sharpnessReasons(image.qc, figures), ...exposureReasons(image.qc, figures));
    reasons.push(...sizeWords(image.qc), ...damageWords(image.qc));
  }
  if (reasons.length === 0 && image.status === 'failed') reasons.push(texts.qc.unknownFailure);
  return reasons;
}

function sharpnessReasons({ sharpness: { status, edges } }: Qc, { rules, score, fail, warn }: Figures): string[] {
  if (rules === 'v3' && edges !== undefined) return status === 'pass' ? [] : [edgeWords(edges)];
  if (score === null) return [];
  if (status === 'fail') return [texts.qc.blurry(scoreWords(score), scoreWords(fail))];
  if (status === 'warn') return [texts.qc.soft(scoreWords(score), scoreWords(warn))];
  return [];
}

function exposureReasons({ exposure }: Qc, { rules, black, white, clipLimit }: Figures): string[] {
  if (exposure.status !== 'fail') return [];
  if (rules === 'v3') return [exposureFault(exposure) === 'too_dark' ? texts.qc.allDark : texts.qc.allBright];
  const reasons: string[] = [];
  if (black > clipLimit) reasons.push(texts.qc.tooDark(shareWords(black)));
  if (white > clipLimit) reasons.push(texts.qc.tooBright(shareWords(white)));
  if (reasons.length > 0) return reasons;
  // A stricter limit than the current one decided: name the worse of the two.
  return black >= white ? [texts.qc.tooDark(shareWords(black))] : [texts.qc.tooBright(shareWords(white))];
}

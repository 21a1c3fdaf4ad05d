import { damageWords, type Image, type Qc, scoreWords, shareWords, sizeWords } from '@spinbay/contracts';
import type { QcThresholds } from '../../portal-config.ts';
import { texts } from '../../ui/texts.ts';

/** The figures that decided, with the thresholds of the rules that judged. */
export interface Figures {
  readonly score: number;
  readonly fail: number;
  readonly warn: number;
  /** Shares, 0 to 1. */
  readonly white: number;
  readonly black: number;
  readonly clipLimit: number;
  /** By the second version of the rules: sharpness at a long side of 1000 px, clipping of the centre. */
  readonly reduced: boolean;
}

export function figuresOf(qc: Qc, version: number | null, thresholds: QcThresholds): Figures {
  const { sharpness, exposure } = qc;
  const clipLimit = thresholds.clip_fraction;
  if (version === 2 && sharpness.score_1000 !== undefined && exposure.centre) {
    return {
      score: sharpness.score_1000,
      fail: thresholds.sharpness_1000_fail,
      warn: thresholds.sharpness_1000_warn,
      white: exposure.centre.clipped_white,
      black: exposure.centre.clipped_black,
      clipLimit,
      reduced: true,
    };
  }
  return {
    score: sharpness.score,
    fail: thresholds.sharpness_fail,
    warn: thresholds.sharpness_warn,
    white: exposure.clipped_white,
    black: exposure.clipped_black,
    clipLimit,
    reduced: false,
  };
}

/** Why a frame is not a plain pass, each reason in words; empty for a pass. */
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

function sharpnessReasons({ sharpness: { status } }: Qc, { score, fail, warn }: Figures): string[] {
  if (status === 'fail') return [texts.qc.blurry(scoreWords(score), scoreWords(fail))];
  if (status === 'warn') return [texts.qc.soft(scoreWords(score), scoreWords(warn))];
  return [];
}

function exposureReasons({ exposure }: Qc, { black, white, clipLimit }: Figures): string[] {
  if (exposure.status !== 'fail') return [];
  const reasons: string[] = [];
  if (black > clipLimit) reasons.push(texts.qc.tooDark(shareWords(black)));
  if (white > clipLimit) reasons.push(texts.qc.tooBright(shareWords(white)));
  if (reasons.length > 0) return reasons;
  // Judged by a stricter limit than today's: name the worse of the two.
  return black >= white ? [texts.qc.tooDark(shareWords(black))] : [texts.qc.tooBright(shareWords(white))];
}

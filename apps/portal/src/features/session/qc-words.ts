import type { Image, Qc } from '@spinbay/contracts';
import type { QcThresholds } from '../../portal-config.ts';
import { texts } from '../../ui/texts.ts';

export type Verdict = 'pass' | 'warn' | 'fail';

/** How a frame was judged as a whole, or null where it was not (yet). */
export function verdictOf(image: Pick<Image, 'status' | 'qc'>): Verdict | null {
  if (image.status === 'pending' || image.status === 'expired') return null;
  if (image.status === 'failed') return 'fail';
  if (!image.qc) return null;
  if (image.qc.sharpness.status === 'fail' || image.qc.exposure.status === 'fail') return 'fail';
  return image.qc.sharpness.status === 'warn' ? 'warn' : 'pass';
}

/** Why a frame is not a plain pass, each reason in words; empty for a pass. */
export function reasonsOf(image: Pick<Image, 'status' | 'qc' | 'failure'>, thresholds: QcThresholds): string[] {
  const reasons = image.failure ? [image.failure.message] : [];
  if (image.qc) reasons.push(...sharpnessReasons(image.qc, thresholds), ...exposureReasons(image.qc, thresholds));
  if (reasons.length === 0 && image.status === 'failed') reasons.push(texts.qc.unknownFailure);
  return reasons;
}

function sharpnessReasons({ sharpness }: Qc, thresholds: QcThresholds): string[] {
  const { score, status } = sharpness;
  if (status === 'fail') return [texts.qc.blurry(scoreWords(score), scoreWords(thresholds.sharpness_fail))];
  if (status === 'warn') return [texts.qc.soft(scoreWords(score), scoreWords(thresholds.sharpness_warn))];
  return [];
}

function exposureReasons({ exposure }: Qc, { clip_fraction: limit }: QcThresholds): string[] {
  if (exposure.status !== 'fail') return [];
  const reasons: string[] = [];
  if (exposure.clipped_black > limit) reasons.push(texts.qc.tooDark(shareWords(exposure.clipped_black)));
  if (exposure.clipped_white > limit) reasons.push(texts.qc.tooBright(shareWords(exposure.clipped_white)));
  if (reasons.length > 0) return reasons;
  // Judged by a stricter limit than today's: name the worse of the two.
  return exposure.clipped_black >= exposure.clipped_white
    ? [texts.qc.tooDark(shareWords(exposure.clipped_black))]
    : [texts.qc.tooBright(shareWords(exposure.clipped_white))];
}

/** A sharpness score, rounded down: 99.7 does not read as the 100 that it misses. */
export function scoreWords(score: number): string {
  return String(Math.floor(score));
}

/** A share of the picture as `9 %`, `5.1 %` or `under 0.1 %`; rounded up, so that what is over a limit reads so. */
export function shareWords(share: number): string {
  if (share <= 0) return '0 %';
  // A share such as 0.09 is 9.000000000000001 as a percentage: that is not more than 9.
  const percent = Math.ceil(Number((share * 1000).toFixed(6))) / 10;
  return share < 0.001 ? 'under 0.1 %' : `${percent} %`;
}

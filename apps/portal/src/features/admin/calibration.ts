import {
  judgeAgain,
  previewThresholds,
  type QcFrame,
  type QcProfile,
  type QcThresholds,
  type Verdict,
  verdictOf,
} from '@spinbay/contracts';

export const profiles = ['v1', 'v2', 'v3'] as const satisfies readonly QcProfile[];

/** A frame with what some thresholds say of it. */
export interface JudgedFrame {
  readonly frame: QcFrame;
  readonly verdict: Verdict;
}

/** What some thresholds would have said of the frames, from their stored figures. */
export function judgeFrames(frames: readonly QcFrame[], thresholds: QcThresholds): JudgedFrame[] {
  return frames.map((frame) => {
    const { qc, status } = judgeAgain(frame.qc, frame.is_preview ? previewThresholds(thresholds) : thresholds);
    return { frame, verdict: verdictOf({ status, qc }) ?? 'fail' };
  });
}

export type Counts = Readonly<Record<Verdict, number>>;

export function countVerdicts(judged: readonly JudgedFrame[]): Counts {
  const count = (wanted: Verdict) => judged.filter(({ verdict }) => verdict === wanted).length;
  return { pass: count('pass'), warn: count('warn'), fail: count('fail') };
}

/** The figure by which a profile calls a frame sharp; null where it was not measured, or nothing has a clear edge. */
export function figureOf({ qc: { sharpness } }: QcFrame, profile: QcProfile): number | null {
  if (profile === 'v1') return sharpness.score;
  if (profile === 'v2') return sharpness.score_1000 ?? null;
  return sharpness.edges?.width ?? null;
}

/** Of a profile, the figure that a frame must keep. */
export function limitOf(thresholds: QcThresholds, profile: QcProfile): number {
  if (profile === 'v1') return thresholds.sharpness_fail;
  return profile === 'v2' ? thresholds.sharpness_1000_fail : thresholds.edge_width_fail;
}

interface Measured {
  readonly frame: QcFrame;
  readonly figure: number;
}

/** The frames nearest to the limit, on its good and on its bad side; the nearest first. */
export function nearestToLimit(
  frames: readonly QcFrame[],
  profile: QcProfile,
  limit: number,
  count: number,
): { sharp: Measured[]; soft: Measured[] } {
  const measured = frames.flatMap((frame): Measured[] => {
    const figure = figureOf(frame, profile);
    return figure === null ? [] : [{ frame, figure }];
  });
  const isSoft = ({ figure }: Measured) => (profile === 'v3' ? figure > limit : figure < limit);
  const nearest = (side: Measured[]) =>
    side.sort((a, b) => Math.abs(a.figure - limit) - Math.abs(b.figure - limit)).slice(0, count);
  return { sharp: nearest(measured.filter((each) => !isSoft(each))), soft: nearest(measured.filter(isSoft)) };
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Counts values in equal bins; what is outside counts in the first or the last one. */
export function histogram(values: readonly number[], range: { min: number; max: number }, bins: number): Bin[] {
  const width = (range.max - range.min) / bins;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - range.min) / width)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count, bin) => ({ from: range.min + bin * width, to: range.min + (bin + 1) * width, count }));
}

/** Frames of which some thresholds say another verdict than others. */
export function changedVerdicts(before: readonly JudgedFrame[], after: readonly JudgedFrame[]): JudgedFrame[] {
  return after.filter(({ verdict }, k) => before[k]?.verdict !== verdict);
}

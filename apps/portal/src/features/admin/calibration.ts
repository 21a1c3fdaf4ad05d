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

/** Whether this release can judge by a profile of the server. */
export function isKnownProfile(profile: string): profile is QcProfile {
  return profiles.some((known) => known === profile);
}

/** A frame with its verdict by some thresholds. */
export interface JudgedFrame {
  readonly frame: QcFrame;
  readonly verdict: Verdict;
}

/** Judges the stored figures of the frames by some thresholds. */
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

/** The figure that a profile uses for sharpness. Null if it was not measured, or if nothing has a clear edge. */
export function figureOf({ qc: { sharpness } }: QcFrame, profile: QcProfile): number | null {
  if (profile === 'v1') return sharpness.score;
  if (profile === 'v2') return sharpness.score_1000 ?? null;
  return sharpness.edges?.width ?? null;
}

interface Measured {
  readonly frame: QcFrame;
  readonly figure: number;
}

/** The frames nearest to the limit, on its good and on its bad side, nearest first. */
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

/** The frames whose verdict changes from `from` to `to` under other thresholds. */
export interface Change {
  readonly from: Verdict;
  readonly to: Verdict;
  readonly frames: readonly JudgedFrame[];
}

const verdicts = ['fail', 'warn', 'pass'] as const satisfies readonly Verdict[];

/** The verdicts that differ between two judgements of the same frames. Changes that do not occur are left out. */
export function changesBetween(before: readonly JudgedFrame[], after: readonly JudgedFrame[]): Change[] {
  return verdicts.flatMap((from) =>
    verdicts
      .filter((to) => to !== from)
      .map((to) => ({
        from,
        to,
        frames: after.filter(({ verdict }, k) => verdict === to && before[k]?.verdict === from),
      }))
      .filter(({ frames }) => frames.length > 0),
  );
}

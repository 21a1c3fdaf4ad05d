import type { SpinQc } from '@spinbay/contracts';
import { reviewTexts } from '../../ui/review-texts.ts';

export interface SpinNote {
  readonly text: string;
  /** Of the frames to look at. */
  readonly angles: readonly number[];
}

/** What the frames of a spin tell only side by side, in words; what matters most comes first. */
export function spinNotes(qc: SpinQc): SpinNote[] {
  const { spin } = reviewTexts;
  const pairs = (of: SpinQc['repeated'], words: (one: number, other: number) => string): SpinNote[] =>
    of.map(({ first, second }) => ({
      text: words(first.angle_deg, second.angle_deg),
      angles: [first.angle_deg, second.angle_deg],
    }));
  return [
    ...(qc.missing.length > 0 ? [{ text: spin.missing(qc.missing), angles: [] }] : []),
    ...pairs(qc.skipped, spin.skipped),
    ...pairs(qc.repeated, spin.repeated),
    ...pairs(qc.near_duplicates, spin.alike),
    ...qc.exposure.map(({ angle_deg, stops }) => ({
      text: (stops > 0 ? spin.brighter : spin.darker)(angle_deg, Math.abs(stops)),
      angles: [angle_deg],
    })),
    ...qc.white_balance.map(({ angle_deg, red, blue }) => ({
      text: spin.tint(angle_deg, tintWords(red, blue)),
      angles: [angle_deg],
    })),
  ];
}

/** By the stronger of the two. */
function tintWords(red: number, blue: number): string {
  const { spin } = reviewTexts;
  if (Math.abs(red) >= Math.abs(blue)) return red > 0 ? spin.redder : spin.lessRed;
  return blue > 0 ? spin.bluer : spin.lessBlue;
}

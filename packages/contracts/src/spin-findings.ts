import type { SpinQc } from './spin-qc.ts';

/** Something odd about a spin as a whole, in words that portal and command line share. */
export interface SpinFinding {
  readonly text: string;
  /** Of the frames to look at. */
  readonly angles: readonly number[];
}

/** An angle or a number of stops, to one digit behind the point. */
export function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10;
}

const degrees = (angle: number) => `${roundToTenth(angle)}°`;

/** What the frames of a spin tell only side by side; what matters most comes first. */
export function spinFindings(qc: SpinQc): SpinFinding[] {
  const pairs = (of: SpinQc['repeated'], words: (one: string, other: string) => string): SpinFinding[] =>
    of.map(({ first, second }) => ({
      text: words(degrees(first.angle_deg), degrees(second.angle_deg)),
      angles: [first.angle_deg, second.angle_deg],
    }));
  const odd = (angle: number, how: string): SpinFinding => ({
    text: `${degrees(angle)} is ${how} than the others.`,
    angles: [angle],
  });
  return [
    ...(qc.missing.length > 0 ? [{ text: `No picture at ${qc.missing.map(degrees).join(', ')}.`, angles: [] }] : []),
    ...pairs(qc.skipped, (one, other) => `Between ${one} and ${other} an angle was left out.`),
    ...pairs(qc.repeated, (one, other) => `${one} and ${other} show the same angle: the table did not turn.`),
    ...pairs(qc.near_duplicates, (one, other) => `${one} and ${other} show the same, though they are far apart.`),
    ...qc.exposure.map(({ angle_deg, stops }) =>
      odd(angle_deg, `${roundToTenth(Math.abs(stops))} stops ${stops > 0 ? 'brighter' : 'darker'}`),
    ),
    ...qc.white_balance.map(({ angle_deg, red, blue }) => odd(angle_deg, tintWords(red, blue))),
  ];
}

/** By the stronger of the two. */
function tintWords(red: number, blue: number): string {
  if (Math.abs(red) >= Math.abs(blue)) return red > 0 ? 'redder' : 'less red';
  return blue > 0 ? 'bluer' : 'less blue';
}

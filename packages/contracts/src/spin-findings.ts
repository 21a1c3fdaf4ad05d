import type { SpinQc } from './spin-qc.ts';

/** Something unusual about a spin as a whole, with the text that portal and command line show. */
export interface SpinFinding {
  readonly text: string;
  /** The frames to look at. */
  readonly angles: readonly number[];
}

const inStops = (stops: number) => (stops === 1 ? '1 stop' : `${stops} stops`);

/** Rounds an angle or a number of stops to one decimal place. */
export function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10;
}

const degrees = (angle: number) => `${roundToTenth(angle)}°`;

/** What a comparison of the frames of a spin shows, most important first. */
export function spinFindings(qc: SpinQc): SpinFinding[] {
  const pairs = (of: SpinQc['repeated'], words: (one: string, other: string) => string): SpinFinding[] =>
    of.map(({ first, second }) => ({
      text: words(degrees(first.angle_deg), degrees(second.angle_deg)),
      angles: [first.angle_deg, second.angle_deg],
    }));
  const odd = (angle: number, how: string): SpinFinding => ({
    text: `${degrees(angle)} is ${how} than the other frames.`,
    angles: [angle],
  });
  return [
    ...(qc.missing.length > 0 ? [{ text: `No picture at ${qc.missing.map(degrees).join(', ')}.`, angles: [] }] : []),
    ...pairs(qc.skipped, (one, other) => `An angle is missing between ${one} and ${other}.`),
    ...pairs(qc.swapped ?? [], (one, other) => `${one} and ${other} are in the wrong order.`),
    ...pairs(qc.repeated, (one, other) => `${one} and ${other} show the same angle: the turntable did not move.`),
    ...pairs(
      qc.near_duplicates,
      (one, other) => `${one} and ${other} show the same view, although they are far apart.`,
    ),
    ...qc.exposure.map(({ angle_deg, stops }) =>
      odd(angle_deg, `${inStops(roundToTenth(Math.abs(stops)))} ${stops > 0 ? 'brighter' : 'darker'}`),
    ),
    ...(qc.soft ?? []).map(({ angle_deg }) => ({
      text: `${degrees(angle_deg)} is less sharp than the frames next to it.`,
      angles: [angle_deg],
    })),
    ...qc.white_balance.map(({ angle_deg, red, blue }) => odd(angle_deg, tintWords(red, blue))),
  ];
}

/** Names the stronger of the two differences. */
function tintWords(red: number, blue: number): string {
  if (Math.abs(red) >= Math.abs(blue)) return red > 0 ? 'redder' : 'less red';
  return blue > 0 ? 'bluer' : 'less blue';
}

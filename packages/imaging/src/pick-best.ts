import type { QualityMeasures } from './kernel/quality-measures.ts';

type Measured = Pick<QualityMeasures, 'edges' | 'sharpness1000'>;

export interface BurstPick {
  /** The index of the sharpest frame, or of the first of equals. */
  readonly best: number;
  /** The edge width of each frame in pixels, in order. Lower is sharper. Null: it has no edges or was not measured. */
  readonly widths: readonly (number | null)[];
}

/**
 * Picks the sharpest frame of a burst of one view: the one with the narrowest edges in the direction in which they are
 * widest. Shake widens edges in its direction. Noise does not narrow them, but it raises every measure of detail. Frames
 * without edges rank next, by the detail at a long side of 1000 px. A frame that could not be measured (null) ranks last.
 *
 * @throws RangeError if there are no frames
 */
export function pickBest(frames: readonly (Measured | null)[]): BurstPick {
  if (frames.length === 0) throw new RangeError('A burst needs at least one frame.');
  const widths = frames.map((frame) => frame?.edges.width ?? null);
  const best = indexOfMin(widths) ?? indexOfMin(frames.map((frame) => frame && -frame.sharpness1000)) ?? 0;
  return { best, widths };
}

function indexOfMin(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : values.indexOf(Math.min(...known));
}

import type { QcProfile, QcThresholds, Verdict } from '@spinbay/contracts';

/** The axis of a chart of the figures that a profile judges by. */
export interface FigureScale {
  readonly min: number;
  readonly max: number;
  readonly bins: number;
  readonly ticks: readonly number[];
  /** The place of a figure on the axis, from 0 to 1. Figures beyond an end are at the end. */
  place(figure: number): number;
}

/** Widths of edges, in pixels of a picture whose long side is 1600 px. Sharp photos have 1.5 to 2.5. */
const widths = { min: 1, max: 4, most: 10, bin: 0.05 } as const;
/** Scores of detail. The scale is logarithmic, because a score doubles many times between soft and sharp. */
const scores = { min: 10, max: 10_000, bins: 60, ticks: [10, 30, 100, 300, 1000, 3000, 10_000] } as const;

/** @param limit a limit that the scale of widths must include, in pixels. Scores have a fixed scale. */
export function figureScale(profile: QcProfile, limit: number): FigureScale {
  if (profile === 'v3') {
    const max = Math.min(widths.most, Math.max(widths.max, Math.ceil(limit) + 1));
    const span = max - widths.min;
    const step = span > 4 ? 1 : 0.5;
    return {
      min: widths.min,
      max,
      bins: Math.round(span / widths.bin),
      ticks: Array.from({ length: span / step + 1 }, (_, k) => widths.min + k * step),
      place: (figure) => clamp((figure - widths.min) / span),
    };
  }
  const decades = Math.log10(scores.max / scores.min);
  return { ...scores, place: (figure) => clamp(Math.log10(Math.max(figure, scores.min) / scores.min) / decades) };
}

/** How many figures are in each bin of the axis. */
export function histogram(figures: readonly number[], { bins, place }: FigureScale): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const figure of figures) {
    // 2.4 is at 27.999999999999996 of 60 because of rounding, and belongs to bin 28.
    const bin = Math.min(bins - 1, Math.floor(place(figure) * bins + 1e-9));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** The figures of a profile at which a warning and a rejection begin. */
export function limitsOf(thresholds: QcThresholds): { warn: number; fail: number } {
  const { profile } = thresholds;
  if (profile === 'v1') return { warn: thresholds.sharpness_warn, fail: thresholds.sharpness_fail };
  if (profile === 'v2') return { warn: thresholds.sharpness_1000_warn, fail: thresholds.sharpness_1000_fail };
  return { warn: thresholds.edge_width_warn, fail: thresholds.edge_width_fail };
}

/** The verdict at a place on the axis. Wide edges and low scores are soft. */
export function verdictAt(place: number, scale: FigureScale, thresholds: QcThresholds): Verdict {
  const { warn, fail } = limitsOf(thresholds);
  const isBeyond = (limit: number) =>
    thresholds.profile === 'v3' ? place > scale.place(limit) : place < scale.place(limit);
  if (isBeyond(fail)) return 'fail';
  return isBeyond(warn) ? 'warn' : 'pass';
}

function clamp(place: number): number {
  return Math.min(1, Math.max(0, place));
}

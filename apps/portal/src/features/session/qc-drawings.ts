/**
 * Where a score stands on a scale of three equal parts, 0 to 1: below `fail`, up to `warn`, above. Scores have no upper
 * end, so the last part is drawn by the inverse: twice the threshold is half way.
 */
export function scalePlace(score: number, fail: number, warn: number): number {
  const below = Math.max(0, score);
  if (below < fail) return below / fail / 3;
  if (below < warn) return (1 + (below - fail) / (warn - fail)) / 3;
  return score > 0 ? (2 + (1 - warn / score)) / 3 : 2 / 3;
}

/** An area 64 wide and 24 high. By the root of the counts: a plain wall does not flatten all the rest. */
export function histogramPath(bins: readonly number[]): string {
  const most = Math.sqrt(Math.max(1, ...bins));
  const steps = bins.map((count, k) => {
    const y = (24 - (23 * Math.sqrt(Math.max(0, count))) / most).toFixed(2);
    return `V${y}H${k + 1}`;
  });
  return `M0 24${steps.join('')}V24Z`;
}

/**
 * The position (0 to 1) of a score on a scale of three equal parts: below `fail`, from `fail` to `warn`, and above `warn`.
 * Scores have no upper limit, so the last part uses the inverse: twice the threshold is in its middle.
 */
export function scalePlace(score: number, fail: number, warn: number): number {
  const below = Math.max(0, score);
  if (below < fail) return below / fail / 3;
  if (below < warn) return (1 + (below - fail) / (warn - fail)) / 3;
  return score > 0 ? (2 + (1 - warn / score)) / 3 : 2 / 3;
}

/**
 * The SVG path of an area 24 units high, with one unit of width per bin. Uses the square root of the counts, so that a plain
 * wall does not flatten the rest.
 */
export function histogramPath(bins: readonly number[]): string {
  const most = Math.sqrt(Math.max(1, ...bins));
  const steps = bins.map((count, k) => {
    const y = (24 - (23 * Math.sqrt(Math.max(0, count))) / most).toFixed(2);
    return `V${y}H${k + 1}`;
  });
  return `M0 24${steps.join('')}V24Z`;
}

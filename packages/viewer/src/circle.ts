/** Wraps degrees to the range from 0 (inclusive) to 360 (exclusive). */
export function wrap(degrees: number): number {
  const rest = degrees % 360;
  return rest < 0 ? (rest + 360) % 360 : rest + 0;
}

/** The shorter distance between two angles: 0 to 180 degrees. */
export function distance(a: number, b: number): number {
  const way = Math.abs(wrap(a) - wrap(b));
  return Math.min(way, 360 - way);
}

/** The index of the nearest angle that `usable` accepts, or -1. Of two equally near angles, the first. */
export function nearest(angles: readonly number[], angle: number, usable: (index: number) => boolean = () => true) {
  let best = -1;
  let bestDistance = Number.POSITIVE_INFINITY;
  angles.forEach((candidate, index) => {
    const way = distance(candidate, angle);
    if (way < bestDistance && usable(index)) {
      best = index;
      bestDistance = way;
    }
  });
  return best;
}

/** The widest gap between neighbours on the circle, in degrees. 360 for fewer than two angles. `sorted` ascends. */
export function widestGap(sorted: readonly number[]): number {
  const first = sorted[0];
  if (first === undefined) return 360;
  return sorted.reduce((widest, angle, i) => Math.max(widest, (sorted[i + 1] ?? first + 360) - angle), 0);
}

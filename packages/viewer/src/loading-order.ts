import type { Slot } from './state.ts';

/**
 * An order of `count` positions on a circle in which every prefix is spread evenly: 0, 180, 90, 270, 45, 225 degrees and
 * so on (the van der Corput sequence in base 2).
 */
export function coarseToFine(count: number): number[] {
  const bits = Math.ceil(Math.log2(Math.max(count, 2)));
  const order = new Set<number>();
  for (let k = 0; k < 2 ** bits; k++) {
    let fraction = 0;
    for (let bit = 0; bit < bits; bit++) if (k & (1 << bit)) fraction += 2 ** -(bit + 1);
    order.add(Math.floor(fraction * count));
  }
  return [...order].slice(0, count);
}

/** The slot to load next: the current one, then in coarse-to-fine order from `start`. Undefined if none is left. */
export function nextToLoad(slots: readonly Slot[], current: number, start: number): number | undefined {
  const isWaiting = (index: number) => slots[index]?.picture === 'waiting';
  if (isWaiting(current)) return current;
  return coarseToFine(slots.length)
    .map((offset) => (start + offset) % slots.length)
    .find(isWaiting);
}

import { hashDistance, type SpinQc } from '@spinbay/contracts';
import { circleDistance, gridAt, median, minFrames, type Place, placeAt, refAt } from './spin-places.ts';

type Order = Required<Pick<SpinQc, 'step' | 'repeated' | 'skipped' | 'swapped' | 'near_duplicates'>>;

/** Below this median distance of neighbours, in grey values, a step of the turntable cannot be detected. */
const smallestStep = 1;
/** A share of the usual step. A turntable that did not move gives 0.05. The smallest step of good spins is 0.49. */
const sameShare = 0.2;
/**
 * See `swapRatio`. Good spins reach 0.92, with or without a skipped angle. A spin with a repeated frame reaches 1.0.
 * Swapped pairs begin at 1.15.
 */
const swappedRatio = 1.1;
/** The ratio of a step to the larger of its two neighbours. Good spins reach 1.29. */
const skippedRatio = 1.35;
/** If a turn has fewer slots, its steps differ too much from each other. */
const minSlotsForSkips = 10;
/** A frame may look like the frames up to this many slots away. Only frames that are farther apart can be near duplicates. */
const neighbourhood = 2;

/**
 * Checks whether the frames of a spin are in order, by the differences between neighbours. If in doubt, it reports nothing.
 * @param swaps the first slot of each swapped pair
 * @param oddLight the angles of frames in different light, which therefore differ more from their neighbours
 */
export function findOrder(places: readonly Place[], swaps: readonly number[], oddLight: ReadonlySet<number>): Order {
  const found: Order = { step: null, repeated: [], skipped: [], swapped: [], near_duplicates: [] };
  const apart = distances(places);
  const usual = usualStep(places, apart);
  if (usual < smallestStep) return found;
  const pair = (k: number, by: number) => pairOf(places, k, by);
  const isSame = (distance: number | null) => distance !== null && distance <= sameShare * usual;

  const nearSwap = (k: number) => swaps.some((at) => circleDistance(at, k, places.length) <= neighbourhood);
  // The steps next to swapped frames are large, but do not mean a skipped angle.
  const isComparable = (k: number) =>
    !nearSwap(k) && [k, k + 1].every((at) => !oddLight.has(placeAt(places, at).angle));
  for (const k of swaps) found.swapped.push(pair(k, 1));
  for (let k = 0; k < places.length; k++) {
    if (isSame(apart(k, 1))) found.repeated.push(pair(k, 1));
    else if (places.length >= minSlotsForSkips && isComparable(k) && isSkipped(k, apart))
      found.skipped.push(pair(k, 1));
    for (let by = neighbourhood + 1; k + by < places.length && by < places.length - neighbourhood; by++)
      if (isSame(apart(k, by))) found.near_duplicates.push(pair(k, by));
  }
  const bits = places.map((_, k) => hashBits(places, k, 1)).filter((distance) => distance !== null);
  return { ...found, step: median(bits) };
}

/** The first slot of each swapped pair. If pairs overlap, only the clearest counts. */
export function findSwaps(places: readonly Place[]): number[] {
  const apart = distances(places);
  if (usualStep(places, apart) < smallestStep) return [];
  const candidates = places
    .map((_, k) => ({ k, ratio: swapRatio(k, apart) }))
    .filter(({ ratio }) => ratio > swappedRatio)
    .sort((a, b) => b.ratio - a.ratio);
  const swaps: number[] = [];
  for (const { k } of candidates)
    if (swaps.every((other) => circleDistance(other, k, places.length) > neighbourhood)) swaps.push(k);
  return swaps.sort((a, b) => a - b);
}

/** The slots of swapped pairs and the slots next to them: in each of these, at least one neighbour shows another angle. */
export function besideSwaps(swaps: readonly number[], count: number): Set<number> {
  return new Set(swaps.flatMap((k) => [-1, 0, 1, 2].map((by) => (k + by + count) % count)));
}

/** The median distance of neighbours. 0 if there are too few. */
function usualStep(places: readonly Place[], apart: Apart): number {
  const steps = places.map((_, k) => apart(k, 1)).filter((step) => step !== null);
  return steps.length < minFrames ? 0 : median(steps);
}

type Apart = (k: number, by: number) => number | null;

/**
 * How much slot `k` differs from slot `k + by`: the mean absolute difference of the cells of their colour grids, in grey
 * values. The mean of each channel is subtracted first, so that brightness and white balance hardly count.
 */
function distances(places: readonly Place[]): Apart {
  const known = new Map<string, number | null>();
  return (k, by) => {
    const from = ((k % places.length) + places.length) % places.length;
    const key = `${from} ${by}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const [one, other] = [gridAt(places, from), gridAt(places, from + by)];
    const distance = one === null || other === null ? null : gridDistance(one, other);
    known.set(key, distance);
    return distance;
  };
}

function gridDistance(one: Uint8Array, other: Uint8Array): number {
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    const shift = channelMean(one, channel) - channelMean(other, channel);
    for (let at = channel; at < one.length; at += 3)
      sum += Math.abs((one[at] as number) - (other[at] as number) - shift);
  }
  return sum / one.length;
}

function channelMean(grid: Uint8Array, channel: number): number {
  let sum = 0;
  for (let at = channel; at < grid.length; at += 3) sum += grid[at] as number;
  return (sum * 3) / grid.length;
}

/**
 * Compares the steps on both sides of slots `k` and `k + 1` with those that they would have if the two frames were
 * swapped. In a good spin the first are single steps and the others double ones.
 */
function swapRatio(k: number, apart: Apart): number {
  const [before, after] = [apart(k - 1, 1), apart(k + 1, 1)];
  const [beforeSwapped, afterSwapped] = [apart(k - 1, 2), apart(k, 2)];
  if (before === null || after === null || beforeSwapped === null || afterSwapped === null) return 0;
  return (before + after) / Math.max(beforeSwapped + afterSwapped, Number.MIN_VALUE);
}

function isSkipped(k: number, apart: Apart): boolean {
  const [before, across, after] = [apart(k - 1, 1), apart(k, 1), apart(k + 1, 1)];
  if (before === null || across === null || after === null) return false;
  return across >= skippedRatio * Math.max(before, after);
}

function hashBits(places: readonly Place[], k: number, by: number): number | null {
  const [one, other] = [placeAt(places, k).frame?.phash, placeAt(places, k + by).frame?.phash];
  return one == null || other == null ? null : hashDistance(one, other);
}

function pairOf(places: readonly Place[], k: number, by: number) {
  return { first: refAt(places, k), second: refAt(places, k + by), distance: hashBits(places, k, by) ?? 0 };
}

import type { SpinQc } from '@spinbay/contracts';
import { circleDistance, gridAt, median, minFrames, type Place, placeAt, refAt } from './spin-places.ts';

/**
 * A difference counts if it exceeds a fixed limit, and is also several times as large as usual in this spin. Where the
 * background moves, or the car fills the picture, frames differ from their neighbours much more than in a studio.
 */
interface Limit {
  readonly fixed: number;
  /** Instead of `fixed`, if few cells can be compared. */
  readonly few: number;
  /** Larger differences count in any spin. Two odd frames of eight would otherwise hide each other. */
  readonly max: number;
}
/** In stops. Frames of good spins are within 0.09 of their neighbours in a studio, within 0.25 if few cells can be compared. */
const exposureStops: Limit = { fixed: 0.2, few: 0.3, max: 1 };
/**
 * As a natural logarithm. Frames of good spins are within 0.02 of their neighbours. If one channel of a frame is 8 % stronger,
 * the difference is 0.05 to 0.089.
 */
const whiteBalanceShare: Limit = { fixed: 0.04, few: 0.04, max: 0.2 };
/** In standard deviations of the other frames. */
const usualDeviations = 3;
/** The deviation of few frames is uncertain: with 5 others the limit is 1.6 times as large, with 23 it is 1.13 times. */
const fewFrames = 3;
/** For a normal distribution, the standard deviation is this many times the median deviation. */
const deviationOfMedian = 1.4826;
/**
 * The ratio of the edge width to that of the neighbours. Frames of good spins reach 1.14. Blur that is visible at 1600 px
 * begins at 1.49.
 */
const softRatio = 1.3;
/** A grey value is proportional to about the 1/2.2 power of the intensity of light. */
const gamma = 2.2;
/** Grey values of usable cells. Darker or brighter channels reveal little about the light. */
const usable = { from: 8, to: 247 } as const;
/**
 * Of 256 cells. In a pure white or black studio, only the cells with the car can be compared. If the car is far away, these
 * are too few.
 */
const minCells = 16;
/** If fewer cells can be compared, they show only the car, which turns. */
const manyCells = 64;
/**
 * A frame is compared with frames at most this many slots away. With 3, there were 7 false findings in 200 parts of a good
 * spin in a hall.
 */
const reach = 2;
/** If a larger share of the frames is odd, they are not outliers: the light changed, or the car fills the picture. */
const maxOddShare = 1 / 3;

/**
 * Frames that are brighter or darker than their neighbours, or have a different white balance. The median over the cells
 * that can be compared decides: mostly the studio, which looks the same in both, or only the car if the studio is pure
 * white or black.
 * @param outOfOrder slots that are not judged: their neighbours show other angles
 */
export function findLight(
  places: readonly Place[],
  outOfOrder: ReadonlySet<number>,
): Pick<SpinQc, 'exposure' | 'white_balance'> {
  const stops = findOutliers(places, outOfOrder, between(lightOf, gamma / Math.LN2), exposureStops);
  const red = findOutliers(
    places,
    outOfOrder,
    between((grid, at) => channelLog(grid, at, 0) - channelLog(grid, at, 1)),
    whiteBalanceShare,
  );
  const blue = findOutliers(
    places,
    outOfOrder,
    between((grid, at) => channelLog(grid, at, 2) - channelLog(grid, at, 1)),
    whiteBalanceShare,
  );
  const tinted = places.map((_, k) => k).filter((k) => red.has(k) || blue.has(k));
  return {
    exposure: [...stops].sort(([a], [b]) => a - b).map(([k, by]) => ({ ...refAt(places, k), stops: by })),
    white_balance: tinted.map((k) => ({
      ...refAt(places, k),
      red: Math.expm1(red.get(k) ?? 0),
      blue: Math.expm1(blue.get(k) ?? 0),
    })),
  };
}

/**
 * Frames whose edges are wider than those of the frames next to them. The edges of the car are compared if they were
 * measured in all of these frames, otherwise those of the whole picture.
 */
export function findSoft(places: readonly Place[]): NonNullable<SpinQc['soft']> {
  const edgesAt = (k: number) => placeAt(places, k).frame?.qc?.sharpness.edges;
  const measured = places.filter((_, k) => typeof edgesAt(k)?.width === 'number').length;
  if (measured < minFrames) return [];
  return places.flatMap((_, k) => {
    const around = [-2, -1, 0, 1, 2].flatMap((by) => edgesAt(k + by) ?? []);
    const ofCar = around.every(({ region }) => region === 'car');
    const widthAt = (place: number) => {
      const edges = edgesAt(place);
      return (ofCar || edges?.region === undefined ? edges?.width : edges.picture_width) ?? null;
    };
    const width = widthAt(k);
    const [before, after] = [
      [-2, -1],
      [1, 2],
    ].map((side) => side.map((by) => widthAt(k + by)).filter((other) => other !== null));
    if (width === null || !before?.length || !after?.length) return [];
    const usual = median([...before, ...after]);
    return width > softRatio * usual ? [{ ...refAt(places, k), width, usual }] : [];
  });
}

type Value = (grid: Uint8Array, at: number) => number;
interface Difference {
  readonly by: number;
  /** How many cells were compared. */
  readonly cells: number;
}
type Differ = (one: Uint8Array, other: Uint8Array) => Difference | null;

/** The median difference of a value over the cells that are usable in both grids. Null if there are too few. */
function between(value: Value, scale = 1): Differ {
  return (one, other) => {
    const differences: number[] = [];
    for (let at = 0; at < one.length; at += 3)
      if (isUsable(one, at) && isUsable(other, at)) differences.push(value(one, at) - value(other, at));
    const cells = differences.length;
    return cells < minCells ? null : { by: scale * median(differences), cells };
  };
}

/** The natural logarithm of a cell's brightness, in grey values. */
function lightOf(grid: Uint8Array, at: number): number {
  const [red, green, blue] = [grid[at] as number, grid[at + 1] as number, grid[at + 2] as number];
  return Math.log(0.299 * red + 0.587 * green + 0.114 * blue);
}

function channelLog(grid: Uint8Array, at: number, channel: number): number {
  return Math.log(grid[at + channel] as number);
}

function isUsable(grid: Uint8Array, at: number): boolean {
  return [0, 1, 2].every((channel) => {
    const value = grid[at + channel] as number;
    return value >= usable.from && value <= usable.to;
  });
}

interface Compared extends Difference {
  readonly k: number;
  /** The value lies between those of its neighbours. */
  readonly isBetween: boolean;
  /** The distance to the farther of the two frames that it was compared with. */
  readonly reach: number;
}

/**
 * Slots whose frames differ from their neighbours by more than the limit, with the difference. The frame that exceeds
 * it most is found first and then excluded, because it makes its neighbours look odd. Frames without near neighbours on
 * both sides are not judged: over a larger angle the car, and often the background, changes too much.
 */
function findOutliers(
  places: readonly Place[],
  outOfOrder: ReadonlySet<number>,
  differ: Differ,
  limit: Limit,
): Map<number, number> {
  const odd = new Map<number, number>();
  const present = places.map((_, k) => k).filter((k) => gridAt(places, k) !== null);
  if (present.length < minFrames) return odd;
  for (;;) {
    const compared = present.flatMap((k) => {
      const found = odd.has(k) || outOfOrder.has(k) ? null : compareBothSides(places, k, odd, differ);
      return found === null ? [] : [found];
    });
    const excess = (each: Compared) => Math.abs(each.by) - limitFor(each, compared, places.length, limit);
    const worst = compared.filter((each) => !each.isBetween).sort((a, b) => excess(b) - excess(a))[0];
    if (worst === undefined || excess(worst) <= 0) return odd;
    odd.set(worst.k, worst.by);
    if (odd.size > present.length * maxOddShare) return new Map();
  }
}

/**
 * The difference that is allowed for a frame. It is larger if the frame was compared over larger angles, or if the
 * other frames also differ much.
 */
function limitFor(
  { k, cells, reach }: Compared,
  compared: readonly Compared[],
  count: number,
  { fixed, few, max }: Limit,
): number {
  // Without the frame and its neighbours. An odd frame makes its neighbours look odd, and would so raise its own limit.
  const others = compared.filter((other) => circleDistance(other.k, k, count) > 1);
  if (others.length < minFrames) return reach * max;
  const usual = deviationOfMedian * median(others.map(({ by }) => Math.abs(by)));
  const deviations = usualDeviations * (1 + fewFrames / others.length);
  return reach * Math.max(cells < manyCells ? few : fixed, Math.min(deviations * usual, max));
}

function compareBothSides(
  places: readonly Place[],
  k: number,
  odd: ReadonlyMap<number, number>,
  differ: Differ,
): Compared | null {
  const own = gridAt(places, k);
  if (own === null) return null;
  const [before, after] = [-1, 1].map((side) => {
    for (let by = 1; by <= reach; by++) {
      const at = (((k + side * by) % places.length) + places.length) % places.length;
      const other = gridAt(places, at);
      if (other === null || at === k || odd.has(at)) continue;
      const difference = differ(own, other);
      return difference && { ...difference, reach: by };
    }
    return null;
  });
  if (before == null || after == null) return null;
  return {
    k,
    by: (before.by + after.by) / 2,
    // Brighter than one neighbour and darker than the other: the light changes along the spin.
    isBetween: before.by * after.by <= 0,
    cells: Math.min(before.cells, after.cells),
    reach: Math.max(before.reach, after.reach),
  };
}

import type { SpinQc } from '@spinbay/contracts';
import { fewestFrames, gridAt, median, type Place, placeAt, refAt } from './spin-places.ts';

/** In stops. Frames of good spins are within 0.09 of their neighbours; half a stop on one frame shows as 0.35 to 0.58. */
const exposureStops = 0.2;
/** As a natural logarithm. Frames of good spins are within 0.02 of their neighbours; 8 % on one channel shows as 0.057 to 0.089. */
const whiteBalanceShare = 0.04;
/**
 * The ratio of the edge width to that of the neighbours. Frames of good spins reach 1.14. Blur that is visible at 1600
 * px begins at 1.49.
 */
const softRatio = 1.3;
/** A grey value is proportional to about the 1/2.2 power of the intensity of light. */
const gamma = 2.2;
/** Grey values of usable cells. Darker or brighter channels reveal little about the light. */
const usable = { from: 8, to: 247 } as const;
/** Of 256 cells. Fewer usable cells do not represent the picture. */
const fewestCells = 64;
/**
 * A frame is compared with frames at most this many slots away. With 3, parts of a good spin in a hall had 7 false
 * findings in 200.
 */
const reach = 2;
/** If a larger share of the frames is odd, they are not outliers: the light changed, or the car fills the picture. */
const mostOdd = 1 / 3;

/**
 * Frames that are brighter or darker than their neighbours, or have a different white balance. The median over the picture
 * decides, because most of it is the studio, which looks the same in both.
 */
export function findLight(places: readonly Place[]): Pick<SpinQc, 'exposure' | 'white_balance'> {
  const stops = oddOnes(places, between(lightOf, gamma / Math.LN2), exposureStops);
  const red = oddOnes(
    places,
    between((grid, at) => channelLog(grid, at, 0) - channelLog(grid, at, 1)),
    whiteBalanceShare,
  );
  const blue = oddOnes(
    places,
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

/** Frames whose edges are wider than those of the frames next to them. */
export function findSoft(places: readonly Place[]): NonNullable<SpinQc['soft']> {
  const widthAt = (k: number) => placeAt(places, k).frame?.qc?.sharpness.edges?.width ?? null;
  const measured = places.filter((_, k) => widthAt(k) !== null).length;
  if (measured < fewestFrames) return [];
  return places.flatMap((_, k) => {
    const width = widthAt(k);
    const beside = [-2, -1, 1, 2].map((by) => widthAt(k + by)).filter((other) => other !== null);
    if (width === null || beside.length < 2) return [];
    const usual = median(beside);
    return width > softRatio * usual ? [{ ...refAt(places, k), width, usual }] : [];
  });
}

type Value = (grid: Uint8Array, at: number) => number;
type Difference = (one: Uint8Array, other: Uint8Array) => number | null;

/** The median difference of a value over the cells that are usable in both grids. Null if there are too few. */
function between(value: Value, scale = 1): Difference {
  return (one, other) => {
    const differences: number[] = [];
    for (let at = 0; at < one.length; at += 3)
      if (isUsable(one, at) && isUsable(other, at)) differences.push(value(one, at) - value(other, at));
    return differences.length < fewestCells ? null : scale * median(differences);
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

/**
 * Slots whose frames differ from their neighbours by more than `limit`, with the difference. The frame that differs
 * most is found first and then excluded, because it makes its neighbours look odd. Frames without near neighbours on
 * both sides are not judged: over a larger angle the car, and often the background, changes too much.
 */
function oddOnes(places: readonly Place[], differ: Difference, limit: number): Map<number, number> {
  const odd = new Map<number, number>();
  const compared = places.map((_, k) => k).filter((k) => gridAt(places, k) !== null);
  if (compared.length < fewestFrames) return odd;
  for (;;) {
    const found = compared.flatMap((k) => {
      if (odd.has(k)) return [];
      const [before, after] = [-1, 1].map((side) => differenceTo(places, k, side, odd, differ));
      return before == null || after == null ? [] : [{ k, by: (before + after) / 2 }];
    });
    const worst = found.reduce((most, each) => (Math.abs(each.by) > Math.abs(most.by) ? each : most), { k: -1, by: 0 });
    if (Math.abs(worst.by) <= limit) return odd;
    odd.set(worst.k, worst.by);
    if (odd.size > compared.length * mostOdd) return new Map();
  }
}

/** The difference between slot `k` and the next frame on one side that is not odd; null if there is none within reach. */
function differenceTo(
  places: readonly Place[],
  k: number,
  side: number,
  odd: ReadonlyMap<number, number>,
  differ: Difference,
): number | null {
  const own = gridAt(places, k);
  for (let by = 1; by <= reach; by++) {
    const at = (((k + side * by) % places.length) + places.length) % places.length;
    const other = gridAt(places, at);
    if (own !== null && other !== null && at !== k && !odd.has(at)) return differ(own, other);
  }
  return null;
}

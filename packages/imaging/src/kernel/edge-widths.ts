import { type EdgeCounts, edgeCells, edgeDirections, slopeBins } from './count-edges.ts';

/** The edge widths of a picture, in pixels of the measured picture (at most 1600 px on the long side). */
export interface EdgeWidths {
  /** The width in the direction with the widest edges. Null if there are too few edges. */
  readonly width: number | null;
  /** The widths of edges, measured along 0 (the rows), 45, 90 and 135 degrees. Null if there are too few. */
  readonly widths: readonly (number | null)[];
  /** The number of edges in the part of the picture that determined the result. */
  readonly count: number;
  /** Set if only the car was measured. */
  readonly region?: 'car';
  /** The width in the whole picture, if only the car was measured. */
  readonly pictureWidth?: number | null;
}

/** The steepest fifth of the edges decides, because shadows and body creases are soft in every photo. */
const slopeQuantile = 0.8;
/** The minimum number of edges per direction in a part of the picture. */
const minEdges = 50;
/** With fewer edges in the region of the car, the whole picture is measured. */
const minRegionEdges = 200;
/** A larger ratio between the widths of perpendicular directions indicates motion blur. */
const motionRatio = 1.4;
/** The variance that smoothing with weights 1, 2, 1 adds to an edge, in square pixels. */
const smoothing = 0.5;
/** The width of a Gaussian edge between 10 and 90 % of its height, in standard deviations. */
const tenToNinety = 2.563;

/**
 * Parts of 2 x 2 cells: the middle one, and those shifted from it by half a part to each side. The sharpest one counts,
 * because a lens has one focus distance and a car is at least three metres deep. The corners do not count: they show the
 * surroundings.
 */
const parts = [
  [1, 1],
  [0, 1],
  [2, 1],
  [1, 0],
  [1, 2],
].map(([row = 0, column = 0]) => {
  const first = row * 4 + column;
  return [first, first + 1, first + 4, first + 5];
});
const everywhere = Array.from({ length: edgeCells }, (_, cell) => cell);

/** The car decides if enough of it was found. Otherwise the whole picture does. */
export function edgeWidthsOf(counts: EdgeCounts): EdgeWidths {
  const picture = sharpestPart(counts.picture);
  const car = sharpestPart(counts.region);
  if (car.width === null || car.count < minRegionEdges) return picture;
  return { ...car, region: 'car', pictureWidth: picture.width };
}

function sharpestPart(counts: Uint32Array): EdgeWidths {
  const known = parts.map((cells) => widthsOf(counts, cells)).filter(({ width }) => width !== null);
  const [sharpest] = known.sort((a, b) => (a.width ?? 0) - (b.width ?? 0));
  return sharpest ?? widthsOf(counts, everywhere);
}

function widthsOf(counts: Uint32Array, cells: readonly number[]): EdgeWidths {
  let count = 0;
  const widths = Array.from({ length: edgeDirections }, (_, direction) => {
    const slopes = slopesOf(counts, direction, cells);
    const edges = slopes.reduce((sum, each) => sum + each, 0);
    count += edges;
    return edges < minEdges ? null : widthOf(quantile(slopes, edges), direction % 2 === 0 ? 1 : Math.SQRT2);
  });
  const found = widths.filter((width) => width !== null);
  return {
    width: found.length === 0 ? null : Math.max(...found),
    widths,
    count,
  };
}

function slopesOf(counts: Uint32Array, direction: number, cells: readonly number[]): number[] {
  const slopes = new Array<number>(slopeBins).fill(0);
  for (const cell of cells) {
    const from = (direction * edgeCells + cell) * slopeBins;
    for (let bin = 0; bin < slopeBins; bin++) (slopes[bin] as number) += counts[from + bin] as number;
  }
  return slopes;
}

/** The quantile `slopeQuantile` of the relative slopes. */
function quantile(slopes: readonly number[], edges: number): number {
  const wanted = slopeQuantile * edges;
  let below = 0;
  for (const [bin, count] of slopes.entries()) {
    if (below + count >= wanted) return (bin + (wanted - below) / count) / slopeBins;
    below += count;
  }
  return 1;
}

/**
 * The width of an edge in pixels, from its relative slope. The steepest step of a Gaussian edge is
 * `erf(distance / (sigma * 2 * sqrt 2))` of its height, where `distance` is the distance of the two pixels. The blur that
 * the kernel's smoothing added is subtracted.
 */
function widthOf(slope: number, distance: number): number {
  const sigma = distance / (2 * Math.SQRT2 * inverseErf(Math.min(slope, 0.98)));
  return tenToNinety * Math.sqrt(Math.max(0, sigma * sigma - smoothing));
}

/** Winitzki's approximation. The error is within 0.4 % here. */
function inverseErf(value: number): number {
  const a = 0.147;
  const log = Math.log(1 - value * value);
  const term = 2 / (Math.PI * a) + log / 2;
  return Math.sqrt(Math.sqrt(term * term - log / a) - term);
}

/** The direction of motion blur: 0, 45, 90 or 135 degrees. Null without motion blur. */
export function motionOf(widths: readonly (number | null)[]): number | null {
  const ratios = widths.map((width, direction) => {
    const across = widths[(direction + 2) % edgeDirections] ?? null;
    return width === null || across === null ? 0 : width / Math.max(across, 1);
  });
  const max = Math.max(...ratios);
  return max < motionRatio ? null : ratios.indexOf(max) * 45;
}

import { AreaAverage } from './area-average.ts';
import { edgeCountSteps } from './count-edges.ts';
import { EdgePicture } from './edge-picture.ts';
import {
  type GreySums,
  type LaplacianSums,
  layoutOf,
  measuresOf,
  type PixelBuffer,
  type QualityMeasures,
} from './quality-measures.ts';

/**
 * Measures a picture in one pass. Equals OpenCV's results of `cvtColor(RGB2GRAY)` and
 * `Laplacian(gray, CV_64F).var()`: grey = (9798 R + 19235 G + 3735 B + 16384) >> 15, kernel [0 1 0; 1 -4 1; 0 1 0],
 * border mirrored without repeating the edge, population variance. All sums are integers below 2^53, so only the last
 * division rounds.
 *
 * Pure and without platform imports, so that a phone can compute the same measures right after a photo.
 * @param region where the car is; see `movingRegion`
 */
export function measureQuality(picture: PixelBuffer, region: Uint8Array | null = null): QualityMeasures {
  const steps = qualitySteps(picture, region);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Like `measureQuality`, in steps of a few rows, for an engine whose only thread has other work to do in between. */
export function* qualitySteps(
  picture: PixelBuffer,
  region: Uint8Array | null = null,
): Generator<void, QualityMeasures> {
  const layout = layoutOf(picture);
  const { width, height, columns, rows } = layout;
  const grey: GreySums = { sum: 0, white: 0, black: 0 };
  const centreGrey: GreySums = { sum: 0, white: 0, black: 0 };
  const centreRgb: [number, number, number] = [0, 0, 0];
  const histogram = new Array<number>(256).fill(0);
  const average = new AreaAverage(width, height, layout.reducedWidth, layout.reducedHeight);
  const forEdges = new EdgePicture(width, height, layout.edgeFold, layout.edgeWidth, layout.edgeHeight);
  const laplacian = yield* laplacianSteps(width, height, (y, out) => {
    greyRow(picture, y, out);
    addGreys(out, 1, width + 1, grey);
    addHistogram(out, width, histogram);
    average.addRow(out, 1);
    forEdges.addRow(out, 1);
    if (y >= rows[0] && y < rows[1]) {
      addGreys(out, columns[0] + 1, columns[1] + 1, centreGrey);
      addColours(picture, y, columns, centreRgb);
    }
  });
  const reduced = average.result;
  const reducedLaplacian = yield* laplacianSteps(reduced.width, reduced.height, (y, out) =>
    out.set(reduced.data.subarray(y * reduced.width, (y + 1) * reduced.width), 1),
  );
  const edges = yield* edgeCountSteps(forEdges.result, region);
  return measuresOf(layout, { laplacian, reducedLaplacian, grey, centreGrey, centreRgb, histogram, reduced, edges });
}

/** Few enough rows that a screen can be drawn between two steps, even on an engine without a JIT compiler. */
const rowsPerStep = 8;

/** The number of pixels whose 32-bit sums cannot overflow: 1020^2 * 2048 < 2^31. */
const block = 2048;

/** @param readRow writes row `y` to `out` from index 1. Called once per row, in order. */
function* laplacianSteps(
  width: number,
  height: number,
  readRow: (y: number, out: Uint8Array) => void,
): Generator<void, LaplacianSums> {
  // Keeps three grey rows, each with a mirrored pixel on either side, so that the inner loop needs no border case.
  const stride = width + 2;
  let above = new Uint8Array(stride);
  let row = new Uint8Array(stride);
  let below = new Uint8Array(stride);
  const sums = { sum: 0, squares: 0 };
  const read = (y: number, out: Uint8Array) => {
    readRow(y, out);
    // A picture with a width of one pixel mirrors onto itself.
    out[0] = out[Math.min(2, width)] as number;
    out[width + 1] = out[Math.max(width - 1, 1)] as number;
  };

  read(0, row);
  if (height > 1) read(1, below);
  else below.set(row);
  above.set(below);
  for (let y = 0; y < height; y++) {
    addLaplacian(above, row, below, width, sums);
    if (y % rowsPerStep === 0) yield;
    if (y + 1 >= height) break;
    const free = above;
    above = row;
    row = below;
    below = free;
    if (y + 2 < height) read(y + 2, below);
    else below.set(above);
  }
  return sums;
}

function greyRow({ data, width }: PixelBuffer, y: number, out: Uint8Array): void {
  let at = y * width * 3;
  for (let x = 1; x <= width; x++) {
    out[x] =
      (9798 * (data[at] as number) + 19235 * (data[at + 1] as number) + 3735 * (data[at + 2] as number) + 16384) >> 15;
    at += 3;
  }
}

function addGreys(grey: Uint8Array, from: number, to: number, sums: GreySums): void {
  let sum = 0;
  let white = 0;
  let black = 0;
  for (let i = from; i < to; i++) {
    const value = grey[i] as number;
    sum = (sum + value) | 0;
    white += (value + 1) >> 8;
    black += (value - 1) >>> 31;
  }
  sums.sum += sum;
  sums.white += white;
  sums.black += black;
}

function addHistogram(grey: Uint8Array, width: number, histogram: number[]): void {
  for (let x = 1; x <= width; x++) (histogram[grey[x] as number] as number)++;
}

function addColours(
  { data, width }: PixelBuffer,
  y: number,
  [from, to]: readonly [number, number],
  rgb: [number, number, number],
): void {
  let [red, green, blue] = [0, 0, 0];
  for (let at = (y * width + from) * 3; at < (y * width + to) * 3; at += 3) {
    red += data[at] as number;
    green += data[at + 1] as number;
    blue += data[at + 2] as number;
  }
  rgb[0] += red;
  rgb[1] += green;
  rgb[2] += blue;
}

function addLaplacian(
  above: Uint8Array,
  row: Uint8Array,
  below: Uint8Array,
  width: number,
  totals: LaplacianSums,
): void {
  for (let from = 1; from <= width; from += block) {
    const end = Math.min(from + block, width + 1);
    let sum = 0;
    let squares = 0;
    let left = row[from - 1] as number;
    let centre = row[from] as number;
    for (let x = from; x < end; x++) {
      const right = row[x + 1] as number;
      const value = ((above[x] as number) + (below[x] as number) + left + right - 4 * centre) | 0;
      sum = (sum + value) | 0;
      squares = (squares + Math.imul(value, value)) | 0;
      left = centre;
      centre = right;
    }
    totals.sum += sum;
    totals.squares += squares;
  }
}

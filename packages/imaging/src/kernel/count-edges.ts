import type { GreyPicture } from './grey-picture.ts';

/** The number of pixels examined on either side of an edge. The picture has a long side of at most 1600 px. */
const edgeReach = 8;
/** 0, 45, 90 and 135 degrees: along rows, down to the right, down columns, down to the left. */
export const edgeDirections = 4;
/** The number of cells: four across and four down. */
export const edgeCells = 16;
/** The number of equal bins for relative slopes from 0 to 1. */
export const slopeBins = 128;

const cellsAcross = 4;
/** The region of the car has finer cells, like a colour grid. */
const regionAcross = 16;
const rowsPerStep = 8;
/** About this many rows are sampled: one in four of 1600 x 1200 pixels. More rows change the result by less than 1 %. */
const sampledRows = 300;
/** The minimum contrast of an edge: 50 grey levels, in the sixteenths that smoothing produces. */
const contrast = 50 * 16;
/** If the largest step is smaller than this, a line of `2 * edgeReach` steps cannot reach the contrast. */
const minStep = contrast / (2 * edgeReach);

/** The number of edges at index `(direction * edgeCells + cell) * slopeBins + bin`. */
export interface EdgeCounts {
  readonly picture: Uint32Array;
  /** Only the edges inside the region. All zeros if there is no region. */
  readonly region: Uint32Array;
}

/**
 * Counts the edges of a picture by direction, cell and relative slope.
 *
 * An edge is a pixel whose step to a neighbour is the largest on a line of 17 pixels through it, if that line spans more
 * than 50 grey levels. Its relative slope is the step divided by the span. It measures the width of the edge independently
 * of its contrast, so the result does not depend on how much detail the picture has. Works in steps of a few rows.
 * @param region see `movingRegion`
 */
export function* edgeCountSteps(grey: GreyPicture, region: Uint8Array | null): Generator<void, EdgeCounts> {
  const { width, height } = grey;
  const [picture, inRegion] = [0, 1].map(() => new Uint32Array(edgeDirections * edgeCells * slopeBins)) as [
    Uint32Array,
    Uint32Array,
  ];
  const counts = { picture, region: inRegion };
  if (Math.min(width, height) <= 2 * edgeReach) return counts;
  const smoothed = yield* smoothSteps(grey);
  const strides = [1, width + 1, width, width - 1];
  const rows = Math.max(1, Math.floor(height / sampledRows));
  for (let y = edgeReach; y < height - edgeReach; y += rows) {
    if (y % rowsPerStep < rows) yield;
    const cellRow = Math.floor((cellsAcross * y) / height) * cellsAcross;
    const regionRow = Math.floor((regionAcross * y) / height) * regionAcross;
    for (let x = edgeReach; x < width - edgeReach; x++) {
      const at = y * width + x;
      const cell = cellRow + Math.floor((cellsAcross * x) / width);
      for (let direction = 0; direction < edgeDirections; direction++) {
        const bin = slopeAt(smoothed, at, strides[direction] as number);
        if (bin < 0) continue;
        const counter = (direction * edgeCells + cell) * slopeBins + bin;
        (picture[counter] as number)++;
        if (region?.[regionRow + Math.floor((regionAcross * x) / width)]) (inRegion[counter] as number)++;
      }
    }
  }
  return counts;
}

/** The bin of the edge's slope, or -1 if there is no edge. */
function slopeAt(smoothed: Uint16Array, at: number, stride: number): number {
  const centre = smoothed[at] as number;
  const step = Math.max(
    Math.abs((smoothed[at + stride] as number) - centre),
    Math.abs(centre - (smoothed[at - stride] as number)),
  );
  if (step < minStep) return -1;
  let low = centre;
  let high = centre;
  for (const way of [stride, -stride]) {
    let before = centre;
    for (let i = 1; i <= edgeReach; i++) {
      const value = smoothed[at + way * i] as number;
      if (Math.abs(value - before) > step) return -1;
      if (value < low) low = value;
      if (value > high) high = value;
      before = value;
    }
  }
  const span = high - low;
  if (span <= contrast) return -1;
  return Math.min(slopeBins - 1, Math.floor((step * slopeBins) / span));
}

/** Smooths with weights 1, 2, 1 in both directions and repeats the border pixel. The result is not divided by 16. */
function* smoothSteps({ data, width, height }: GreyPicture): Generator<void, Uint16Array> {
  const across = new Uint16Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    if (y % rowsPerStep === 0) yield;
    for (let x = 0; x < width; x++) {
      const left = data[row + Math.max(x - 1, 0)] as number;
      const right = data[row + Math.min(x + 1, width - 1)] as number;
      across[row + x] = left + 2 * (data[row + x] as number) + right;
    }
  }
  const smoothed = new Uint16Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    if (y % rowsPerStep === 0) yield;
    const above = Math.max(y - 1, 0) * width;
    const below = Math.min(y + 1, height - 1) * width;
    for (let x = 0; x < width; x++) {
      smoothed[row + x] =
        (across[above + x] as number) + 2 * (across[row + x] as number) + (across[below + x] as number);
    }
  }
  return smoothed;
}

/** Counts the edges of a grey picture by direction, cell and slope, exactly like `src/kernel/count-edges.ts`. */

const reach: i32 = 8;
const cellsAcross: i32 = 4;
const cells: i32 = cellsAcross * cellsAcross;
const bins: i32 = 128;
/** The region of the car has finer cells. */
const regionAcross: i32 = 16;
const sampledRows: i32 = 300;
const contrast: i32 = 50 * 16;
const minStep: i32 = contrast / (2 * reach);

/** The size of the counts (u32 each) of the whole picture, in bytes. Those of the region follow them. */
const pictureCountsSize: usize = 4 * <usize>(cells * bins) * 4;
export const edgeCountsSize: usize = 2 * pictureCountsSize;

/** The size of the region, in bytes. Each cell has one byte, which is 1 if its edges count. */
export const edgeRegionSize: usize = <usize>(regionAcross * regionAcross);

/** The memory that smoothing needs, in bytes: three row sums, then the smoothed picture, u16 each. */
export function smoothedSize(width: i32, height: i32): usize {
  return <usize>width * <usize>(height + 3) * 2 + 64;
}

export function countEdges(
  grey: usize,
  width: i32,
  height: i32,
  smoothedAt: usize,
  counts: usize,
  region: usize,
): void {
  if (width <= 2 * reach || height <= 2 * reach) return;
  const pixels = smoothedAt + <usize>width * 6;
  smooth(grey, width, height, smoothedAt, pixels);
  const bottom = height - reach;
  const rows = max(1, height / sampledRows);
  for (let y = reach; y < bottom; y += rows) {
    const cellRow = counts + <usize>(((cellsAcross * y) / height) * cellsAcross * bins) * 4;
    const regionRow = region + <usize>(((regionAcross * y) / height) * regionAcross);
    for (let direction = 0; direction < 4; direction++) {
      const stride = direction === 0 ? 1 : direction === 1 ? width + 1 : direction === 2 ? width : width - 1;
      countRow(
        pixels + <usize>(y * width) * 2,
        width,
        <usize>stride * 2,
        cellRow + <usize>(direction * cells * bins) * 4,
        regionRow,
      );
    }
  }
}

/** Counts the edges of a row in one direction. Skips eight pixels at a time if no step among them can be an edge. */
function countRow(row: usize, width: i32, stride: usize, counts: usize, region: usize): void {
  const right = width - reach;
  const least = i16x8.splat(<i16>(minStep - 1));
  let x = reach;
  for (; x + 8 <= right; x += 8) {
    const at = row + <usize>x * 2;
    const centre = v128.load(at);
    const next = v128.load(at + stride);
    const before = v128.load(at - stride);
    const step = i16x8.max_s(i16x8.abs(i16x8.sub(next, centre)), i16x8.abs(i16x8.sub(centre, before)));
    const large = i16x8.gt_s(step, least);
    if (!v128.any_true(large)) continue;
    const beyond = i16x8.abs(i16x8.sub(v128.load(at + 2 * stride), next));
    const beside = i16x8.abs(i16x8.sub(before, v128.load(at - 2 * stride)));
    const largest = i16x8.ge_s(step, i16x8.max_s(beyond, beside));
    let mask = i16x8.bitmask(v128.and(large, largest));
    while (mask !== 0) {
      const lane = ctz(mask);
      mask &= mask - 1;
      countPixel(row, x + lane, width, stride, counts, region);
    }
  }
  for (; x < right; x++) countPixel(row, x, width, stride, counts, region);
}

function countPixel(row: usize, x: i32, width: i32, stride: usize, counts: usize, region: usize): void {
  const at = row + <usize>x * 2;
  const centre = <i32>load<u16>(at);
  const step = max(abs(<i32>load<u16>(at + stride) - centre), abs(centre - <i32>load<u16>(at - stride)));
  if (step < minStep) return;
  let low = centre;
  let high = centre;
  let before = centre;
  let place = at;
  for (let i = 0; i < reach; i++) {
    place += stride;
    const value = <i32>load<u16>(place);
    if (abs(value - before) > step) return;
    low = min(low, value);
    high = max(high, value);
    before = value;
  }
  before = centre;
  place = at;
  for (let i = 0; i < reach; i++) {
    place -= stride;
    const value = <i32>load<u16>(place);
    if (abs(value - before) > step) return;
    low = min(low, value);
    high = max(high, value);
    before = value;
  }
  const span = high - low;
  if (span <= contrast) return;
  const bin = min(bins - 1, (step * bins) / span);
  const counter = counts + <usize>(((cellsAcross * x) / width) * bins + bin) * 4;
  store<u32>(counter, load<u32>(counter) + 1);
  if (load<u8>(region + <usize>((regionAcross * x) / width)) === 0) return;
  store<u32>(counter, load<u32>(counter, pictureCountsSize) + 1, pictureCountsSize);
}

/** Smooths with weights 1, 2, 1: along the rows into `rows`, which holds three rows, then down the columns. */
function smooth(grey: usize, width: i32, height: i32, rows: usize, into: usize): void {
  const size = <usize>width * 2;
  smoothRow(grey, width, rows);
  for (let y = 0; y < height; y++) {
    const below = min(y + 1, height - 1);
    if (below > y) smoothRow(grey + <usize>below * <usize>width, width, rows + <usize>(below % 3) * size);
    addRows(
      rows + <usize>(max(y - 1, 0) % 3) * size,
      rows + <usize>(y % 3) * size,
      rows + <usize>(below % 3) * size,
      into + <usize>y * size,
      width,
    );
  }
}

function smoothRow(grey: usize, width: i32, out: usize): void {
  const last = width - 1;
  smoothPixel(grey, 0, last, out);
  let x = 1;
  for (; x + 8 <= last; x += 8) {
    const at = grey + <usize>x;
    const left = v128.load8x8_u(at - 1);
    const centre = v128.load8x8_u(at);
    const right = v128.load8x8_u(at + 1);
    v128.store(out + <usize>x * 2, i16x8.add(i16x8.add(left, right), i16x8.shl(centre, 1)));
  }
  for (; x <= last; x++) smoothPixel(grey, x, last, out);
}

function smoothPixel(grey: usize, x: i32, last: i32, out: usize): void {
  const sum =
    <i32>load<u8>(grey + <usize>max(x - 1, 0)) +
    2 * <i32>load<u8>(grey + <usize>x) +
    <i32>load<u8>(grey + <usize>min(x + 1, last));
  store<u16>(out + <usize>x * 2, <u16>sum);
}

function addRows(above: usize, row: usize, below: usize, out: usize, width: i32): void {
  let x = 0;
  for (; x + 8 <= width; x += 8) {
    const at = <usize>x * 2;
    const sides = i16x8.add(v128.load(above + at), v128.load(below + at));
    v128.store(out + at, i16x8.add(sides, i16x8.shl(v128.load(row + at), 1)));
  }
  for (; x < width; x++) {
    const at = <usize>x * 2;
    store<u16>(out + at, load<u16>(above + at) + 2 * load<u16>(row + at) + load<u16>(below + at));
  }
}

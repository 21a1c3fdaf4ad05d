/**
 * The quality kernel in AssemblyScript with SIMD: gives the same integers as `src/kernel/plain-kernel.ts`, only faster. The
 * caller calls `begin`. Then, for each strip, it writes RGB rows to `strip()` and calls `addRows`. After the last row it
 * calls `finish`. Then `totals()` points to the sums (at the offsets below), `reduced()` to the reduced grey picture and
 * `edges()` to the edge counts.
 *
 * Compiled by `node scripts/compile-kernels.mjs`; the result is committed.
 */

import { addEdgeRow, beginEdgePicture, edgePicture, edgePictureSize } from './edge-picture.as';
import { countEdges, edgeCountsSize, edgeRegionSize, smoothedSize } from './edges.as';

/**
 * Offsets of the sums, in bytes. Each sum is an f64 that holds an integer below 2^53. The sum of a Laplacian is followed by
 * the sum of its squares.
 */
const lumaSum: usize = 0;
const white: usize = 8;
const black: usize = 16;
const laplacian: usize = 24;
const reducedLaplacian: usize = 40;
const centreRed: usize = 56;
const centreGreen: usize = 64;
const centreBlue: usize = 72;
const centreLuma: usize = 80;
const centreWhite: usize = 88;
const centreBlack: usize = 96;
/** 256 counts, u32 each. */
const histogram: usize = 104;
const histogramSize: usize = 1024;
/**
 * Neighbours are often equal, and one counter can be incremented only every few cycles. Four neighbours therefore use
 * separate counters.
 */
const histograms: usize = 4;
const totalsSize: usize = 104 + histograms * histogramSize + 8;

/** How far a vector load may read beyond the end of a row, in bytes. */
const slack: usize = 64;

let width: i32 = 0;
let height: i32 = 0;
let reducedWidth: i32 = 0;
let reducedHeight: i32 = 0;
let edgeWidth: i32 = 0;
let edgeHeight: i32 = 0;
let centreLeft: i32 = 0;
let centreRight: i32 = 0;
let centreTop: i32 = 0;
let centreBottom: i32 = 0;
let row: i32 = 0;
let reducedRow: i32 = 0;

let totalsAt: usize = 0;
let placesAt: usize = 0;
let columnsAt: usize = 0;
let reducedAt: usize = 0;
let greyAt: usize = 0;
let greyStride: usize = 0;
let stripAt: usize = 0;
let edgesAt: usize = 0;
let regionAt: usize = 0;
let smoothedAt: usize = 0;

/** Lays out the memory for a picture and clears all sums. `stripRows` is the capacity of the strip. */
export function begin(
  pictureWidth: i32,
  pictureHeight: i32,
  toWidth: i32,
  toHeight: i32,
  toEdgeWidth: i32,
  toEdgeHeight: i32,
  edgeFold: i32,
  left: i32,
  right: i32,
  top: i32,
  bottom: i32,
  stripRows: i32,
): void {
  width = pictureWidth;
  height = pictureHeight;
  reducedWidth = toWidth;
  reducedHeight = toHeight;
  edgeWidth = toEdgeWidth;
  edgeHeight = toEdgeHeight;
  centreLeft = left;
  centreRight = right;
  centreTop = top;
  centreBottom = bottom;
  row = 0;
  reducedRow = 0;

  totalsAt = (__heap_base + 15) & ~15;
  placesAt = totalsAt + totalsSize;
  edgesAt = placesAt + 96;
  regionAt = edgesAt + edgeCountsSize;
  columnsAt = regionAt + edgeRegionSize;
  const columnsSize = (<usize>width * 4 + slack) & ~15;
  greyAt = columnsAt + columnsSize;
  greyStride = (<usize>width + slack) & ~15;
  reducedAt = greyAt + 3 * greyStride;
  const edgePictureAt = (reducedAt + <usize>reducedWidth * <usize>reducedHeight + slack) & ~15;
  smoothedAt = edgePictureAt + edgePictureSize(width, edgeFold, edgeWidth, edgeHeight);
  stripAt = (smoothedAt + smoothedSize(edgeWidth, edgeHeight) + slack) & ~15;
  const end = stripAt + <usize>width * 3 * <usize>stripRows + slack;
  const pages = <i32>((end + 0xffff) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
  memory.fill(totalsAt, 0, smoothedAt - totalsAt);
  beginEdgePicture(edgePictureAt, width, height, edgeFold, edgeWidth, edgeHeight);
}

export function strip(): usize {
  return stripAt;
}

export function totals(): usize {
  return totalsAt;
}

export function reduced(): usize {
  return reducedAt;
}

export function edges(): usize {
  return edgesAt;
}

/** Where the caller may mark the cells of the car, after `begin`. */
export function region(): usize {
  return regionAt;
}

/** Processes the next `rows` rows from the strip. */
export function addRows(rows: i32): void {
  for (let i = 0; i < rows; i++) {
    const rgb = stripAt + <usize>i * <usize>width * 3;
    const grey = greyRow(row);
    toGrey(rgb, grey);
    addHistogram(grey);
    if (row >= centreTop && row < centreBottom) addCentre(rgb, grey);
    reduceRow(grey);
    addEdgeRow(grey, greyRow(row + 2));
    if (row === 1) addLaplacian(grey, greyRow(0), grey, width, laplacian);
    else if (row > 1) addLaplacian(greyRow(row - 2), greyRow(row - 1), grey, width, laplacian);
    row++;
  }
}

/** Adds the last row, which has no row below, then measures the reduced pictures and adds up the histogram. */
export function finish(): void {
  addUpHistogram();
  const last = greyRow(row - 1);
  const beside = row > 1 ? greyRow(row - 2) : last;
  addLaplacian(beside, last, beside, width, laplacian);
  const bottom = reducedHeight - 1;
  const stride = <usize>reducedWidth;
  for (let y = 0; y <= bottom; y++) {
    const at = reducedAt + <usize>y * stride;
    const above = y > 0 ? at - stride : at + (bottom > 0 ? stride : 0);
    const below = y < bottom ? at + stride : at - (bottom > 0 ? stride : 0);
    addLaplacian(above, at, below, reducedWidth, reducedLaplacian);
  }
  countEdges(edgePicture(), edgeWidth, edgeHeight, smoothedAt, edgesAt, regionAt);
}

function greyRow(y: i32): usize {
  return greyAt + <usize>(y % 3) * greyStride;
}

function add(sum: usize, value: u64): void {
  const at = totalsAt + sum;
  store<f64>(at, load<f64>(at) + <f64>value);
}

function addSigned(sum: usize, value: i64): void {
  const at = totalsAt + sum;
  store<f64>(at, load<f64>(at) + <f64>value);
}

/** Sum of four lanes, each read as unsigned. */
function sumOf(lanes: v128): u64 {
  return (
    <u64>(<u32>i32x4.extract_lane(lanes, 0)) +
    <u64>(<u32>i32x4.extract_lane(lanes, 1)) +
    <u64>(<u32>i32x4.extract_lane(lanes, 2)) +
    <u64>(<u32>i32x4.extract_lane(lanes, 3))
  );
}

function sumOfSigned(lanes: v128): i64 {
  return (
    <i64>i32x4.extract_lane(lanes, 0) +
    <i64>i32x4.extract_lane(lanes, 1) +
    <i64>i32x4.extract_lane(lanes, 2) +
    <i64>i32x4.extract_lane(lanes, 3)
  );
}

/** Grey values of the four pixels that start at `rgb`, as i32. */
function fourGreys(rgb: usize): v128 {
  const pixels = v128.load(rgb);
  const redGreen = i8x16.swizzle(pixels, i8x16(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1));
  const blue = i8x16.swizzle(pixels, i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1));
  const weighted = i32x4.add(
    i32x4.dot_i16x8_s(redGreen, i16x8(9798, 19235, 9798, 19235, 9798, 19235, 9798, 19235)),
    i32x4.dot_i16x8_s(blue, i16x8(3735, 0, 3735, 0, 3735, 0, 3735, 0)),
  );
  return i32x4.shr_u(i32x4.add(weighted, i32x4.splat(16384)), 15);
}

function toGrey(rgb: usize, grey: usize): void {
  const blocks = width & ~15;
  let x = 0;
  for (; x < blocks; x += 16) {
    const at = rgb + <usize>x * 3;
    const low = i16x8.narrow_i32x4_s(fourGreys(at), fourGreys(at + 12));
    const high = i16x8.narrow_i32x4_s(fourGreys(at + 24), fourGreys(at + 36));
    v128.store(grey + <usize>x, i8x16.narrow_i16x8_u(low, high));
  }
  for (; x < width; x++) {
    const at = rgb + <usize>x * 3;
    const value = (9798 * load<u8>(at) + 19235 * load<u8>(at, 1) + 3735 * load<u8>(at, 2) + 16384) >> 15;
    store<u8>(grey + <usize>x, <u8>value);
  }
}

function addHistogram(grey: usize): void {
  const first = totalsAt + histogram;
  const second = first + histogramSize;
  const third = second + histogramSize;
  const fourth = third + histogramSize;
  const blocks = width & ~7;
  let x = 0;
  for (; x < blocks; x += 8) {
    const low = load<u32>(grey + <usize>x);
    const high = load<u32>(grey + <usize>x, 4);
    countOne(first + ((low & 255) << 2));
    countOne(second + (((low >> 8) & 255) << 2));
    countOne(third + (((low >> 16) & 255) << 2));
    countOne(fourth + ((low >> 24) << 2));
    countOne(first + ((high & 255) << 2));
    countOne(second + (((high >> 8) & 255) << 2));
    countOne(third + (((high >> 16) & 255) << 2));
    countOne(fourth + ((high >> 24) << 2));
  }
  for (; x < width; x++) countOne(first + ((<usize>load<u8>(grey + <usize>x)) << 2));
}

function countOne(bin: usize): void {
  store<u32>(bin, load<u32>(bin) + 1);
}

/** Merges the histograms into the first one. Derives the sum of grey values and the white and black counts from it. */
function addUpHistogram(): void {
  const first = totalsAt + histogram;
  let sum: u64 = 0;
  for (let value: usize = 0; value < 256; value++) {
    const bin = first + (value << 2);
    let pixels: u32 = 0;
    for (let part: usize = 0; part < histograms; part++) pixels += load<u32>(bin + part * histogramSize);
    store<u32>(bin, pixels);
    sum += <u64>value * <u64>pixels;
  }
  add(lumaSum, sum);
  add(white, load<u32>(first + (255 << 2)));
  add(black, load<u32>(first));
}

/** Adds a range of grey pixels to the sums of the centre. */
function countCentre(grey: usize, from: i32, to: i32): void {
  let sums = i32x4.splat(0);
  let whites = 0;
  let blacks = 0;
  let sum: u64 = 0;
  let x = from;
  for (; x + 16 <= to; x += 16) {
    const values = v128.load(grey + <usize>x);
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(values)));
    whites += popcnt(i8x16.bitmask(i8x16.eq(values, i8x16.splat(-1))));
    blacks += popcnt(i8x16.bitmask(i8x16.eq(values, i8x16.splat(0))));
  }
  for (; x < to; x++) {
    const value = load<u8>(grey + <usize>x);
    sum += value;
    whites += i32(value === 255);
    blacks += i32(value === 0);
  }
  add(centreLuma, sum + sumOf(sums));
  add(centreWhite, whites);
  add(centreBlack, blacks);
}

/** Byte j of three consecutive vectors belongs to channel j % 3. The 48 lanes are summed separately, then by channel. */
function addCentre(rgb: usize, grey: usize): void {
  countCentre(grey, centreLeft, centreRight);
  let red: u64 = 0;
  let green: u64 = 0;
  let blue: u64 = 0;
  let x = centreLeft;
  while (x + 16 <= centreRight) {
    // A 16-bit lane can hold the sum of 257 bytes.
    const end = min(x + 256 * 16, centreRight);
    let low0 = i16x8.splat(0);
    let high0 = i16x8.splat(0);
    let low1 = i16x8.splat(0);
    let high1 = i16x8.splat(0);
    let low2 = i16x8.splat(0);
    let high2 = i16x8.splat(0);
    for (; x + 16 <= end; x += 16) {
      const at = rgb + <usize>x * 3;
      const first = v128.load(at);
      const second = v128.load(at, 16);
      const third = v128.load(at, 32);
      low0 = i16x8.add(low0, i16x8.extend_low_i8x16_u(first));
      high0 = i16x8.add(high0, i16x8.extend_high_i8x16_u(first));
      low1 = i16x8.add(low1, i16x8.extend_low_i8x16_u(second));
      high1 = i16x8.add(high1, i16x8.extend_high_i8x16_u(second));
      low2 = i16x8.add(low2, i16x8.extend_low_i8x16_u(third));
      high2 = i16x8.add(high2, i16x8.extend_high_i8x16_u(third));
    }
    v128.store(placesAt, low0);
    v128.store(placesAt, high0, 16);
    v128.store(placesAt, low1, 32);
    v128.store(placesAt, high1, 48);
    v128.store(placesAt, low2, 64);
    v128.store(placesAt, high2, 80);
    for (let place = 0; place < 48; place += 3) {
      const at = placesAt + <usize>place * 2;
      red += load<u16>(at);
      green += load<u16>(at, 2);
      blue += load<u16>(at, 4);
    }
  }
  for (; x < centreRight; x++) {
    const at = rgb + <usize>x * 3;
    red += load<u8>(at);
    green += load<u8>(at, 1);
    blue += load<u8>(at, 2);
  }
  add(centreRed, red);
  add(centreGreen, green);
  add(centreBlue, blue);
}

/**
 * Area averaging with integers. In units of 1 / (height * reducedHeight), a row is `reducedHeight` high and a reduced row is
 * `height` high. Each row contributes to one reduced row, or to two in proportion to its overlap.
 */
function reduceRow(grey: usize): void {
  const start = row * reducedHeight;
  const boundary = (reducedRow + 1) * height;
  const share = min(boundary - start, reducedHeight);
  addColumns(grey, share);
  if (start + reducedHeight < boundary) return;
  endReducedRow();
  if (share < reducedHeight) addColumns(grey, reducedHeight - share);
}

function addColumns(grey: usize, weight: i32): void {
  const weights = i16x8.splat(<i16>weight);
  const blocks = width & ~15;
  let x = 0;
  for (; x < blocks; x += 16) {
    const values = v128.load(grey + <usize>x);
    const low = i16x8.extend_low_i8x16_u(values);
    const high = i16x8.extend_high_i8x16_u(values);
    const at = columnsAt + <usize>x * 4;
    v128.store(at, i32x4.add(v128.load(at), i32x4.extmul_low_i16x8_u(low, weights)));
    v128.store(at, i32x4.add(v128.load(at, 16), i32x4.extmul_high_i16x8_u(low, weights)), 16);
    v128.store(at, i32x4.add(v128.load(at, 32), i32x4.extmul_low_i16x8_u(high, weights)), 32);
    v128.store(at, i32x4.add(v128.load(at, 48), i32x4.extmul_high_i16x8_u(high, weights)), 48);
  }
  for (; x < width; x++) {
    const at = columnsAt + <usize>x * 4;
    store<u32>(at, load<u32>(at) + weight * load<u8>(grey + <usize>x));
  }
}

function endReducedRow(): void {
  const pixels = <f64>width * <f64>height;
  const twice = 2 * pixels;
  const inverse = 1 / twice;
  const out = reducedAt + <usize>reducedRow * <usize>reducedWidth;
  const w = reducedWidth;
  let column = 0;
  let start = 0;
  for (let x = 0; x < w; x++) {
    const end = start + width;
    // The covered part of the first column, the whole columns, and the covered part of the last one.
    let total = <f64>load<u32>(columnsAt + <usize>column * 4) * <f64>((column + 1) * w - start);
    column++;
    let whole: u32 = 0;
    while ((column + 1) * w <= end) {
      whole += load<u32>(columnsAt + <usize>column * 4);
      column++;
    }
    total += <f64>whole * <f64>w;
    const rest = end - column * w;
    if (rest > 0) total += <f64>load<u32>(columnsAt + <usize>column * 4) * <f64>rest;
    store<u8>(out + <usize>x, <u8>quotient(2 * total + pixels, twice, inverse));
    start = end;
  }
  memory.fill(columnsAt, 0, <usize>width * 4);
  reducedRow++;
}

/** `value / by`, rounded down. A multiplication is much faster than a division, and its result is off by at most one. */
function quotient(value: f64, by: f64, inverse: f64): i32 {
  const near = <i32>(value * inverse);
  const rest = value - <f64>near * by;
  return rest < 0 ? near - 1 : rest >= by ? near + 1 : near;
}

/** The number of pixels whose 32-bit sums cannot overflow: each lane gets 4 * 1020^2 of 16 pixels. */
const block: i32 = 8192;

/** Adds one row of the Laplacian [0 1 0; 1 -4 1; 0 1 0]. The border is mirrored without repeating the edge. */
function addLaplacian(above: usize, at: usize, below: usize, length: i32, into: usize): void {
  const last = length - 1;
  let sum: i64 = 0;
  let squares: u64 = 0;
  let x = 1;
  while (x + 16 <= last) {
    const end = min(x + block, last);
    let sums = i32x4.splat(0);
    let square = i32x4.splat(0);
    for (; x + 16 <= end; x += 16) {
      const up = v128.load(above + <usize>x);
      const down = v128.load(below + <usize>x);
      const left = v128.load(at + <usize>x - 1);
      const right = v128.load(at + <usize>x + 1);
      const centre = v128.load(at + <usize>x);
      const low = i16x8.sub(
        i16x8.add(
          i16x8.add(i16x8.extend_low_i8x16_u(up), i16x8.extend_low_i8x16_u(down)),
          i16x8.add(i16x8.extend_low_i8x16_u(left), i16x8.extend_low_i8x16_u(right)),
        ),
        i16x8.shl(i16x8.extend_low_i8x16_u(centre), 2),
      );
      const high = i16x8.sub(
        i16x8.add(
          i16x8.add(i16x8.extend_high_i8x16_u(up), i16x8.extend_high_i8x16_u(down)),
          i16x8.add(i16x8.extend_high_i8x16_u(left), i16x8.extend_high_i8x16_u(right)),
        ),
        i16x8.shl(i16x8.extend_high_i8x16_u(centre), 2),
      );
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.add(low, high)));
      square = i32x4.add(square, i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high)));
    }
    sum += sumOfSigned(sums);
    squares += sumOf(square);
  }
  // The first pixel and the remaining ones.
  let value = laplacianOf(above, at, below, 0, last);
  sum += value;
  squares += <u64>(value * value);
  for (; x <= last; x++) {
    value = laplacianOf(above, at, below, x, last);
    sum += value;
    squares += <u64>(value * value);
  }
  addSigned(into, sum);
  add(into + 8, squares);
}

function laplacianOf(above: usize, at: usize, below: usize, x: i32, last: i32): i32 {
  const left = x > 0 ? x - 1 : min(1, last);
  const right = x < last ? x + 1 : max(last - 1, 0);
  return (
    <i32>load<u8>(above + <usize>x) +
    <i32>load<u8>(below + <usize>x) +
    <i32>load<u8>(at + <usize>left) +
    <i32>load<u8>(at + <usize>right) -
    4 * <i32>load<u8>(at + <usize>x)
  );
}

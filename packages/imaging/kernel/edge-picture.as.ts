/**
 * Makes the picture in which edges are measured, row by row, exactly like `src/kernel/edge-picture.ts`: first averages
 * squares of `fold` x `fold` pixels, then interpolates between their means.
 */

let width: i32 = 0;
let height: i32 = 0;
let fold: i32 = 1;
let foldedWidth: i32 = 0;
let foldedHeight: i32 = 0;
let toWidth: i32 = 0;
let toHeight: i32 = 0;
/** The next row of the source, the folded picture and the result. */
let row: i32 = 0;
let foldedRow: i32 = 0;
let toRow: i32 = 0;

let result: usize = 0;
/** Column sums, u16 each, for squares larger than 2 x 2. */
let sums: usize = 0;
/** Two folded rows, and their interpolation. */
let foldedRows: usize = 0;
let foldedStride: usize = 0;
let between: usize = 0;
/**
 * For every four pixels of a result row: 16 bytes of left neighbour indices, 16 bytes of right ones, 16 bytes of weights,
 * and the place of the first left neighbour (i32).
 */
let taps: usize = 0;

/** How far a vector access may reach beyond the end of a row, in bytes. */
const slack: usize = 64;
const tapSize: usize = 64;

export function edgePictureSize(fromWidth: i32, byFold: i32, w: i32, h: i32): usize {
  const rowSize = (<usize>(fromWidth / byFold) + slack) & ~15;
  const pictureSize = (<usize>w * <usize>h + slack) & ~15;
  return pictureSize + ((<usize>fromWidth * 2 + slack) & ~15) + 3 * rowSize + <usize>(w / 4 + 1) * tapSize;
}

/** @param at zeroed memory of `edgePictureSize` bytes */
export function beginEdgePicture(at: usize, fromWidth: i32, fromHeight: i32, byFold: i32, w: i32, h: i32): void {
  width = fromWidth;
  height = fromHeight;
  fold = byFold;
  foldedWidth = width / fold;
  foldedHeight = height / fold;
  toWidth = w;
  toHeight = h;
  row = 0;
  foldedRow = 0;
  toRow = 0;
  foldedStride = (<usize>foldedWidth + slack) & ~15;
  result = at;
  sums = at + ((<usize>w * <usize>h + slack) & ~15);
  foldedRows = sums + ((<usize>width * 2 + slack) & ~15);
  between = foldedRows + 2 * foldedStride;
  taps = between + foldedStride;
  makeTaps();
}

export function edgePicture(): usize {
  return result;
}

/** @param before the row above `grey` */
export function addEdgeRow(grey: usize, before: usize): void {
  const y = row++;
  if (fold === 1) {
    takeRow(grey);
    return;
  }
  // Rows and columns that do not fill a square are left out.
  if (y >= foldedHeight * fold) return;
  const out = foldedRows + <usize>(foldedRow & 1) * foldedStride;
  if (fold === 2) {
    if ((y & 1) === 0) return;
    foldPairs(before, grey, out);
  } else {
    addToSums(grey);
    if ((y + 1) % fold !== 0) return;
    foldSums(out);
  }
  takeRow(out);
}

/** Makes the result rows whose folded rows are complete. */
function takeRow(folded: usize): void {
  const y = foldedRow++;
  if (toWidth === foldedWidth && toHeight === foldedHeight) {
    memory.copy(result + <usize>y * <usize>toWidth, folded, <usize>toWidth);
    return;
  }
  const kept = foldedRows + <usize>(y & 1) * foldedStride;
  if (kept !== folded) memory.copy(kept, folded, <usize>foldedWidth);
  const above = foldedRows + <usize>((y + 1) & 1) * foldedStride;
  while (toRow < toHeight) {
    const place = placeOf(toRow, foldedHeight, toHeight);
    const first = place >> 8;
    if (min(first + 1, foldedHeight - 1) > y) return;
    mixRows(first === y ? kept : above, kept, place & 255);
    sampleRow(result + <usize>toRow * <usize>toWidth);
    toRow++;
  }
}

/** The position of a result pixel's centre in the source, in 256ths of a pixel. */
function placeOf(at: i32, from: i32, to: i32): i32 {
  return max(0, <i32>((<i64>((2 * at + 1) * from - to) * 128) / to));
}

function foldPairs(first: usize, second: usize, out: usize): void {
  let x = 0;
  for (; x + 16 <= foldedWidth; x += 16) {
    const at = <usize>x * 2;
    const low = i16x8.add(
      i16x8.extadd_pairwise_i8x16_u(v128.load(first + at)),
      i16x8.extadd_pairwise_i8x16_u(v128.load(second + at)),
    );
    const high = i16x8.add(
      i16x8.extadd_pairwise_i8x16_u(v128.load(first + at, 16)),
      i16x8.extadd_pairwise_i8x16_u(v128.load(second + at, 16)),
    );
    const two = i16x8.splat(2);
    const means = i8x16.narrow_i16x8_u(i16x8.shr_u(i16x8.add(low, two), 2), i16x8.shr_u(i16x8.add(high, two), 2));
    v128.store(out + <usize>x, means);
  }
  for (; x < foldedWidth; x++) {
    const at = <usize>x * 2;
    const above = <i32>load<u8>(first + at) + <i32>load<u8>(first + at, 1);
    const below = <i32>load<u8>(second + at) + <i32>load<u8>(second + at, 1);
    store<u8>(out + <usize>x, <u8>((above + below + 2) >> 2));
  }
}

function addToSums(grey: usize): void {
  let x = 0;
  for (; x + 16 <= width; x += 16) {
    const at = sums + <usize>x * 2;
    const values = v128.load(grey + <usize>x);
    v128.store(at, i16x8.add(v128.load(at), i16x8.extend_low_i8x16_u(values)));
    v128.store(at, i16x8.add(v128.load(at, 16), i16x8.extend_high_i8x16_u(values)), 16);
  }
  for (; x < width; x++) {
    const at = sums + <usize>x * 2;
    store<u16>(at, load<u16>(at) + load<u8>(grey + <usize>x));
  }
}

function foldSums(out: usize): void {
  const pixels: u32 = fold * fold;
  for (let x = 0; x < foldedWidth; x++) {
    const from = sums + <usize>(x * fold) * 2;
    let total: u32 = 0;
    for (let i = 0; i < fold; i++) total += load<u16>(from + <usize>i * 2);
    store<u8>(out + <usize>x, <u8>((2 * total + pixels) / (2 * pixels)));
  }
  memory.fill(sums, 0, <usize>width * 2);
}

/** Interpolates between two rows, `weight` 256ths below the first. */
function mixRows(first: usize, second: usize, weight: i32): void {
  const ofSecond = i16x8.splat(<i16>weight);
  const ofFirst = i16x8.splat(<i16>(256 - weight));
  const half = i16x8.splat(128);
  for (let x = 0; x < foldedWidth; x += 16) {
    const a = v128.load(first + <usize>x);
    const b = v128.load(second + <usize>x);
    const low = i16x8.add(
      i16x8.mul(i16x8.extend_low_i8x16_u(a), ofFirst),
      i16x8.mul(i16x8.extend_low_i8x16_u(b), ofSecond),
    );
    const high = i16x8.add(
      i16x8.mul(i16x8.extend_high_i8x16_u(a), ofFirst),
      i16x8.mul(i16x8.extend_high_i8x16_u(b), ofSecond),
    );
    const mixed = i8x16.narrow_i16x8_u(i16x8.shr_u(i16x8.add(low, half), 8), i16x8.shr_u(i16x8.add(high, half), 8));
    v128.store(between + <usize>x, mixed);
  }
}

/** Each tap serves four result pixels, in 16-bit lanes. Indices are relative to the first one's. Index -1 reads as 0. */
function makeTaps(): void {
  for (let x = 0; x < toWidth; x++) {
    const tap = taps + <usize>(x >> 2) * tapSize;
    const lane = <usize>(x & 3) * 2;
    const place = placeOf(x, foldedWidth, toWidth);
    if (lane === 0) {
      v128.store(tap, i8x16.splat(-1));
      v128.store(tap, i8x16.splat(-1), 16);
      store<i32>(tap, place >> 8, 48);
    }
    const from = (place >> 8) - load<i32>(tap, 48);
    const right = min((place >> 8) + 1, foldedWidth - 1) - load<i32>(tap, 48);
    store<u8>(tap + lane, <u8>from);
    store<u8>(tap + lane, <u8>right, 16);
    store<u16>(tap + lane, <u16>(place & 255), 32);
  }
}

function sampleRow(out: usize): void {
  const whole = i16x8.splat(256);
  const half = i16x8.splat(128);
  const blocks = (toWidth + 3) >> 2;
  for (let block = 0; block < blocks; block++) {
    const tap = taps + <usize>block * tapSize;
    const pixels = v128.load(between + <usize>load<i32>(tap, 48));
    const left = i8x16.swizzle(pixels, v128.load(tap));
    const right = i8x16.swizzle(pixels, v128.load(tap, 16));
    const weights = v128.load(tap, 32);
    const sum = i16x8.add(i16x8.mul(left, i16x8.sub(whole, weights)), i16x8.mul(right, weights));
    const mixed = i16x8.shr_u(i16x8.add(sum, half), 8);
    // The last block may overwrite up to three bytes of the next row, which is written later.
    v128.store32_lane(out + <usize>block * 4, i8x16.narrow_i16x8_u(mixed, mixed), 0);
  }
}

/** Interleaved 8-bit R, G, B; a grey picture has the same value in all three. */
export interface PixelBuffer {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface QualityMeasures {
  /** Variance of the Laplacian of the grey picture (grey levels squared): higher is sharper. */
  readonly sharpness: number;
  /** Share of pixels (0-1) whose grey value is 255. */
  readonly clippedWhite: number;
  /** Share of pixels (0-1) whose grey value is 0. */
  readonly clippedBlack: number;
  /** Mean grey value, 0-255. */
  readonly meanLuma: number;
}

/**
 * Measures a picture in one pass. Exactly what OpenCV gives for `cvtColor(RGB2GRAY)` and
 * `Laplacian(gray, CV_64F).var()`: grey = (9798 R + 19235 G + 3735 B + 16384) >> 15, kernel [0 1 0; 1 -4 1; 0 1 0],
 * border mirrored without repeating the edge, population variance. All sums are whole numbers below 2^53, so the
 * result has no rounding but that of the last division.
 *
 * Pure, without any platform import: a phone computes the same score right after the shutter.
 */
export function measureQuality(picture: PixelBuffer): QualityMeasures {
  const { data, width, height } = picture;
  if (!(width > 0 && height > 0) || data.length !== width * height * 3) {
    throw new RangeError(`The pixel buffer has ${data.length} bytes, not ${width} x ${height} x 3.`);
  }
  // Three grey rows are enough; each has one mirrored pixel on either side, so that the inner loop knows no border.
  const stride = width + 2;
  let above = new Uint8Array(stride);
  let row = new Uint8Array(stride);
  let below = new Uint8Array(stride);
  const luma = { sum: 0, white: 0, black: 0 };
  const laplacian = { sum: 0, squares: 0 };

  greyRow(picture, 0, row, luma);
  if (height > 1) greyRow(picture, 1, below, luma);
  else below.set(row);
  above.set(below);
  for (let y = 0; y < height; y++) {
    addLaplacian(above, row, below, width, laplacian);
    if (y + 1 >= height) break;
    const free = above;
    above = row;
    row = below;
    below = free;
    if (y + 2 < height) greyRow(picture, y + 2, below, luma);
    else below.set(above);
  }

  const pixels = width * height;
  const mean = laplacian.sum / pixels;
  return {
    sharpness: Math.max(0, laplacian.squares / pixels - mean * mean),
    clippedWhite: luma.white / pixels,
    clippedBlack: luma.black / pixels,
    meanLuma: luma.sum / pixels,
  };
}

/** Pixels whose 32-bit sums cannot overflow: 1020^2 * 2048 < 2^31. */
const block = 2048;

function greyRow(
  { data, width }: PixelBuffer,
  y: number,
  out: Uint8Array,
  totals: { sum: number; white: number; black: number },
): void {
  let sum = 0;
  let white = 0;
  let black = 0;
  let at = y * width * 3;
  for (let x = 1; x <= width; x++) {
    const grey =
      (9798 * (data[at] as number) + 19235 * (data[at + 1] as number) + 3735 * (data[at + 2] as number) + 16384) >> 15;
    at += 3;
    out[x] = grey;
    sum = (sum + grey) | 0;
    white += (grey + 1) >> 8;
    black += (grey - 1) >>> 31;
  }
  // Mirrored without repeating the edge; a picture one pixel wide mirrors onto itself.
  out[0] = out[Math.min(2, width)] as number;
  out[width + 1] = out[Math.max(width - 1, 1)] as number;
  totals.sum += sum;
  totals.white += white;
  totals.black += black;
}

function addLaplacian(
  above: Uint8Array,
  row: Uint8Array,
  below: Uint8Array,
  width: number,
  totals: { sum: number; squares: number },
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

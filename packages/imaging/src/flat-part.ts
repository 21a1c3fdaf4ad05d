import type { PixelBuffer } from './kernel/quality-measures.ts';

/** The number of columns that are read. */
const columns = 64;
/** Encoding a flat area again changes each channel by at most this much. */
const tolerance = 2;
/** A share of the height. A smaller part may be a border. */
const smallest = 0.05;
/** In pixels. Decoders fill whole blocks of up to 16 rows. The row of blocks with the break is only partly filled. */
const breakHeight = 32;
/** The share of columns whose flat part must end at the break. A floor ends at the car and its shadow, at other heights. */
const minColumnShare = 0.9;
/** The share of neighbouring columns that must differ above the break, where there is still a picture. */
const minDetailShare = 0.5;
/** Overexposed floors and bars are pure white or black. No decoder fills with these. */
const fill = { from: 5, to: 250 } as const;

/**
 * The share of the height, from the bottom, that has a single colour after a break across the whole picture: a program
 * decoded a part of a photo, filled in the rest, and saved the result as an intact file. 0 for any other picture.
 *
 * Floors do not count, even without any noise: they do not end on one line with detail above it.
 */
export function flatPart(picture: PixelBuffer): number {
  const { data, width, height } = picture;
  const xs = Array.from({ length: columns }, (_, k) => Math.floor(((k + 0.5) * width) / columns));
  const corner = ((height - 1) * width + (xs[0] as number)) * 3;
  const colour = data.slice(corner, corner + 3);
  if (colour.every((value) => value < fill.from) || colour.every((value) => value > fill.to)) return 0;
  const isFlat = (x: number, y: number) => isNear(picture, x, y, colour);
  // Nearly all photos end here.
  if (!xs.every((x) => isFlat(x, height - 1))) return 0;
  const heights = xs.map((x) => {
    let y = height - 1;
    while (y >= 0 && isFlat(x, y)) y--;
    return height - 1 - y;
  });
  const usual = heights.toSorted((a, b) => a - b)[columns >> 1] as number;
  if (usual < smallest * height || usual + breakHeight >= height) return 0;
  if (heights.filter((each) => Math.abs(each - usual) <= breakHeight).length < minColumnShare * columns) return 0;
  const above = height - 1 - usual - breakHeight;
  const details = xs.filter((x, k) => k > 0 && !isNear(picture, x, above, at(picture, xs[k - 1] as number, above)));
  return details.length < minDetailShare * (columns - 1) ? 0 : usual / height;
}

function at({ data, width }: PixelBuffer, x: number, y: number): Uint8Array {
  return data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3) as Uint8Array;
}

function isNear(picture: PixelBuffer, x: number, y: number, colour: ArrayLike<number>): boolean {
  return at(picture, x, y).every((value, channel) => Math.abs(value - (colour[channel] as number)) <= tolerance);
}

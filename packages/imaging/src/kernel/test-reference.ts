import { readFileSync } from 'node:fs';
import type { PixelBuffer } from './quality-measures.ts';

/** The results of OpenCV and NumPy for a picture: see kernel/reference.py. */
interface Reference {
  readonly kind: keyof typeof kinds;
  readonly width: number;
  readonly height: number;
  readonly sharpness: number;
  readonly sharpness_1000: number;
  /** With OpenCV's area averaging, which rounds in single precision. */
  readonly sharpness_1000_inter_area: number;
  readonly mean_luma: number;
  readonly clipped_white: number;
  readonly clipped_black: number;
  readonly histogram: readonly number[];
  /** Means of red, green, blue, grey; shares of white and black. */
  readonly centre: readonly number[];
}

export function references(): readonly Reference[] {
  return JSON.parse(readFileSync(new URL('../../kernel/reference.json', import.meta.url), 'utf8')).pictures;
}

type Value = (
  x: number,
  y: number,
  channel: number,
  noise: number,
  picture: { width: number; height: number },
) => number;

/** The same integers as in kernel/reference.py. */
const kinds = {
  noise: (_x, _y, _c, noise) => noise,
  'black-and-white': (_x, _y, _c, noise) => (noise & 1) * 255,
  gradient: (x, y, c) => (x * (c + 1) + y * (3 - c)) & 0xff,
  smooth: (x, y, _c, _noise, { width, height }) =>
    Math.floor((Math.floor((x * 255) / Math.max(width - 1, 1)) * 3) / 4) +
    Math.floor((y * 63) / Math.max(height - 1, 1)),
  faint: (_x, _y, _c, noise) => 100 + (noise & 3),
  checks: (x, y, c, noise) => (((x >> 3) + (y >> 3)) & 1) * 200 + (noise & 15) + c * 10,
  flat: (_x, _y, c) => 77 + c,
} satisfies Record<string, Value>;

export function referencePicture(kind: keyof typeof kinds, width: number, height: number): PixelBuffer {
  const value: Value = kinds[kind];
  const data = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) data[at++] = value(x, y, c, noiseAt(x, y, c), { width, height });
    }
  }
  return { data, width, height };
}

/** A hash of position and channel, 0-255. */
function noiseAt(x: number, y: number, channel: number): number {
  const place = x * 73_856_093 + y * 19_349_663 + channel * 83_492_791;
  const low = place >>> 0;
  const mixed = Math.imul(low ^ (low >>> 13), 2_654_435_761) >>> 0;
  return (mixed ^ (mixed >>> 16)) & 0xff;
}

import type { PixelBuffer } from './kernel/quality-measures.ts';

/** Width and height as shown, once the EXIF orientation is applied. */
export function uprightSize(width: number, height: number, orientation: number): { width: number; height: number } {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** Maps values by direction (0, 45, 90 and 135 degrees) from the stored picture to the picture as shown. */
export function uprightDirections<T>(values: readonly T[], orientation: number): T[] {
  const [along, down, across, up] = values as readonly [T, T, T, T];
  const [first, third] = orientation >= 5 ? [across, along] : [along, across];
  // Mirroring or a rotation by 90 degrees swaps the diagonals. Both together do not.
  return orientation % 2 === 0 ? [first, up, third, down] : [first, down, third, up];
}

/** Pixel (x, y) of the upright square is at index `start + x * stepX + y * stepY` of the stored one. */
interface UprightSteps {
  readonly start: number;
  readonly stepX: number;
  readonly stepY: number;
}

export function uprightSteps(size: number, orientation: number): UprightSteps {
  // Each orientation is a combination of three flags: swap x and y, mirror the source column, mirror the source row.
  const transposed = orientation >= 5;
  const mirrorX = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8;
  const mirrorY = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7;
  const last = size - 1;
  const column = mirrorX ? -1 : 1;
  const line = mirrorY ? -size : size;
  const start = (mirrorX ? last : 0) + (mirrorY ? last * size : 0);
  return transposed ? { start, stepX: line, stepY: column } : { start, stepX: column, stepY: line };
}

/** Applies an EXIF orientation (1-8) to a square picture. Returns the same object for 1. */
export function uprightSquare(square: PixelBuffer, orientation: number): PixelBuffer {
  const { data, width: size } = square;
  if (size !== square.height) throw new RangeError(`A square was expected, not ${size} x ${square.height}.`);
  if (orientation === 1) return square;
  const { start, stepX, stepY } = uprightSteps(size, orientation);
  const out = new Uint8Array(data.length);
  let at = 0;
  for (let y = 0; y < size; y++) {
    let from = (start + y * stepY) * 3;
    for (let x = 0; x < size; x++) {
      out[at++] = data[from] as number;
      out[at++] = data[from + 1] as number;
      out[at++] = data[from + 2] as number;
      from += stepX * 3;
    }
  }
  return { ...square, data: out };
}

import type { PixelBuffer } from './quality-kernel.ts';

/** Width and height as shown, once the EXIF orientation is applied. */
export function uprightSize(width: number, height: number, orientation: number): { width: number; height: number } {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** Applies an EXIF orientation (1-8) to a square picture; 1 returns it as it is. */
export function uprightSquare(square: PixelBuffer, orientation: number): PixelBuffer {
  const { data, width: size } = square;
  if (size !== square.height) throw new RangeError(`A square was expected, not ${size} x ${square.height}.`);
  if (orientation === 1) return square;
  // Each orientation is a choice of three flags: swap x with y, then mirror the source column and the source row.
  const transposed = orientation >= 5;
  const mirrorX = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8;
  const mirrorY = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7;
  const out = new Uint8Array(data.length);
  const last = size - 1;
  let at = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const column = transposed ? y : x;
      const line = transposed ? x : y;
      let from = ((mirrorY ? last - line : line) * size + (mirrorX ? last - column : column)) * 3;
      for (let channel = 0; channel < 3; channel++) out[at++] = data[from++] as number;
    }
  }
  return { ...square, data: out };
}

import { uprightSquare } from '../upright.ts';
import type { PixelBuffer } from './quality-measures.ts';

/** Cells across and down. */
export const gridSide = 16;
/** The minimum number of samples along the shorter side, if it has as many pixels. More do not change the means. */
const samples = 512;

/**
 * The mean colours of 16 x 16 equal parts of the picture as shown, as RGB bytes. This is enough to compare the frames
 * of a spin with their neighbours, cell by cell.
 * @param orientation the EXIF orientation (1-8)
 */
export function colourGrid({ data, width, height }: PixelBuffer, orientation: number): Uint8Array {
  const step = Math.max(1, Math.floor(Math.min(width, height) / samples));
  const cells = new Uint8Array(gridSide * gridSide * 3);
  for (let row = 0; row < gridSide; row++) {
    const [top, bottom] = partOf(row, height);
    for (let column = 0; column < gridSide; column++) {
      const [left, right] = partOf(column, width);
      const sums: [number, number, number] = [0, 0, 0];
      let count = 0;
      for (let y = top; y < bottom; y += step) {
        for (let x = left; x < right; x += step) {
          const at = (y * width + x) * 3;
          sums[0] += data[at] as number;
          sums[1] += data[at + 1] as number;
          sums[2] += data[at + 2] as number;
          count++;
        }
      }
      cells.set(
        sums.map((sum) => Math.round(sum / count)),
        (row * gridSide + column) * 3,
      );
    }
  }
  return new Uint8Array(uprightSquare({ data: cells, width: gridSide, height: gridSide }, orientation).data);
}

/** At least one pixel, even if the picture has fewer pixels than the grid has cells. */
function partOf(cell: number, length: number): [from: number, to: number] {
  const from = Math.floor((cell * length) / gridSide);
  return [from, Math.max(from + 1, Math.floor(((cell + 1) * length) / gridSide))];
}

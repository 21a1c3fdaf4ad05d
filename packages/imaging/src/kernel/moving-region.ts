import { uprightSteps } from '../upright.ts';
import { gridSide } from './colour-grid.ts';

const cells = gridSide * gridSide;
/**
 * If the channels of a cell differ by more than this on average, the cell shows something else. 5 to 10 give nearly the same
 * verdicts.
 */
const changed = 6;
/** With a single frame to compare, the places that the car left cannot be told from those where it is. */
const minOthers = 2;
/** If more than this share of the cells differs, the camera moved or the light changed. */
const largestShare = 0.75;
/** A smaller share of the picture is not a car. */
const smallestShare = 0.03;

/**
 * Where the car is in a frame of a turntable: the cells of the colour grid that differ from most other frames of the spin.
 * Cells at its outline are left out, because they also show the background, which stays sharp if the car moves.
 * @param own the colour grid of the frame
 * @param others those of other frames of the spin. Grids of other lengths are ignored.
 * @param orientation the EXIF orientation (1-8) of the frame
 * @returns 1 for cells inside the car, by row, in the stored picture. Null if the car cannot be found.
 */
export function movingRegion(own: Uint8Array, others: readonly Uint8Array[], orientation: number): Uint8Array | null {
  const comparable = others.filter((grid) => grid.length === own.length);
  if (own.length !== cells * 3 || comparable.length < minOthers) return null;
  const differs = Array.from({ length: cells }, (_, cell) => {
    const sorted = comparable.map((other) => differenceAt(cell, own, other)).sort((a, b) => a - b);
    const middle = (sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number);
    return middle > 2 * changed;
  });
  const inside = differs.map((_, cell) => isInside(differs, cell));
  if (count(differs) > largestShare * cells || count(inside) < smallestShare * cells) return null;
  const { start, stepX, stepY } = uprightSteps(gridSide, orientation);
  const region = new Uint8Array(cells);
  for (const [cell, is] of inside.entries()) {
    if (is) region[start + (cell % gridSide) * stepX + Math.floor(cell / gridSide) * stepY] = 1;
  }
  return region;
}

function differenceAt(cell: number, one: Uint8Array, other: Uint8Array): number {
  let sum = 0;
  for (let at = cell * 3; at < cell * 3 + 3; at++) sum += Math.abs((one[at] as number) - (other[at] as number));
  return sum / 3;
}

/** All four neighbours differ, too. The car may be cut off by the border of the picture. */
function isInside(differs: readonly boolean[], cell: number): boolean {
  const column = cell % gridSide;
  return (
    differs[cell] === true &&
    (column === 0 || differs[cell - 1] === true) &&
    (column === gridSide - 1 || differs[cell + 1] === true) &&
    differs[cell - gridSide] !== false &&
    differs[cell + gridSide] !== false
  );
}

function count(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length;
}

import { expect, test } from 'vitest';
import { colourGrid, gridSide } from './colour-grid.ts';

/** Makes a picture whose colours are a function of the position. */
function picture(width: number, height: number, colour: (x: number, y: number) => [number, number, number]) {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * 3);
  return { data, width, height };
}
const cell = (grid: Uint8Array, column: number, row: number) => [
  ...grid.subarray((row * gridSide + column) * 3, (row * gridSide + column) * 3 + 3),
];

test('each cell is the mean colour of its part of the picture', () => {
  const grid = colourGrid(
    picture(64, 32, (x, y) => [x, y, x % 2 === 0 ? 10 : 20]),
    1,
  );
  expect(grid).toHaveLength(768);
  expect(cell(grid, 0, 0)).toEqual([2, 1, 15]);
  expect(cell(grid, 15, 15)).toEqual([62, 31, 15]);
});

test('the grid is of the picture as shown', () => {
  // The red corner is at the top left of the stored picture, and at the top right of the shown one.
  const stored = picture(320, 160, (x, y) => (x < 20 && y < 10 ? [200, 0, 0] : [0, 0, 0]));
  expect(cell(colourGrid(stored, 1), 0, 0)).toEqual([200, 0, 0]);
  expect(cell(colourGrid(stored, 6), 15, 0)).toEqual([200, 0, 0]);
  expect(cell(colourGrid(stored, 6), 0, 0)).toEqual([0, 0, 0]);
});

test('a picture with fewer pixels than the grid has cells also has a grid', () => {
  const grid = colourGrid(
    picture(3, 5, () => [7, 8, 9]),
    1,
  );
  expect(new Set(grid)).toEqual(new Set([7, 8, 9]));
});

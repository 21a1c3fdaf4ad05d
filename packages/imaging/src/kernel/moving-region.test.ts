import { describe, expect, it } from 'vitest';
import { uprightSquare } from '../upright.ts';
import { movingRegion } from './moving-region.ts';

const side = 16;
type Box = readonly [left: number, top: number, right: number, bottom: number];

/** A static background of many colours, and a car whose colours change from frame to frame. */
function gridOf(frame: number, [left, top, right, bottom]: Box, light = 0): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, at) => {
    const cell = Math.floor(at / 3);
    const [x, y] = [cell % side, Math.floor(cell / side)];
    const car = x >= left && x < right && y >= top && y < bottom;
    return car ? 40 + ((frame * 37 + cell * 11 + at) % 160) : 60 + light + ((cell * 29 + (at % 3) * 7) % 100);
  });
}

const box: Box = [4, 6, 11, 12];
const others = [1, 2, 3, 4].map((frame) => gridOf(frame, box));

/** The marked cells as rows of characters. */
function drawn(region: Uint8Array | null): string[] | null {
  if (region === null) return null;
  return Array.from({ length: side }, (_, y) =>
    [...region.subarray(y * side, (y + 1) * side)].map((is) => (is ? '#' : '.')).join(''),
  );
}

function inside([left, top, right, bottom]: Box): string[] {
  return Array.from({ length: side }, (_, y) =>
    Array.from({ length: side }, (_, x) => (x >= left && x < right && y >= top && y < bottom ? '#' : '.')).join(''),
  );
}

describe('movingRegion', () => {
  it('marks the car without its outline', () => {
    expect(drawn(movingRegion(gridOf(0, box), others, 1))).toEqual(inside([5, 7, 10, 11]));
  });

  it('leaves out the places where the car is only in the other frames', () => {
    const narrow: Box = [6, 6, 11, 12];
    const long = [1, 2].map((frame) => gridOf(frame, [1, 6, 15, 12]));
    const region = movingRegion(gridOf(0, narrow), [...long, ...[3, 4, 5].map((frame) => gridOf(frame, narrow))], 1);
    expect(drawn(region)).toEqual(inside([7, 7, 10, 11]));
  });

  it('marks cells up to the border of the picture', () => {
    const wide: Box = [0, 6, 11, 16];
    const region = movingRegion(
      gridOf(0, wide),
      [1, 2].map((frame) => gridOf(frame, wide)),
      1,
    );
    expect(drawn(region)).toEqual(inside([0, 7, 10, 16]));
  });

  it('finds nothing with fewer than two other frames, a moving camera, other light, or nothing that moves', () => {
    expect(movingRegion(gridOf(0, box), [], 1)).toBeNull();
    expect(movingRegion(gridOf(0, box), others.slice(0, 1), 1)).toBeNull();
    expect(
      movingRegion(
        gridOf(0, box),
        [1, 2, 3].map((frame) => gridOf(frame, [0, 0, 15, 16])),
        1,
      ),
    ).toBeNull();
    expect(movingRegion(gridOf(0, box, 30), others, 1)).toBeNull();
    expect(movingRegion(gridOf(1, box), [gridOf(1, box), gridOf(1, box)], 1)).toBeNull();
  });

  it('ignores grids of other lengths', () => {
    const wrong = [new Uint8Array(0), new Uint8Array(767), new Uint8Array(3072)];
    expect(movingRegion(gridOf(0, box), [...wrong, ...others.slice(0, 1)], 1)).toBeNull();
    expect(movingRegion(gridOf(0, box), [...wrong, ...others], 1)).toEqual(movingRegion(gridOf(0, box), others, 1));
    expect(movingRegion(new Uint8Array(12), [new Uint8Array(12), new Uint8Array(12)], 1)).toBeNull();
  });

  it('marks the cells of the stored picture, whatever its orientation', () => {
    const upright = movingRegion(gridOf(0, box), others, 1) ?? new Uint8Array();
    for (let orientation = 1; orientation <= 8; orientation++) {
      const stored = movingRegion(gridOf(0, box), others, orientation) ?? new Uint8Array();
      const data = Uint8Array.from({ length: stored.length * 3 }, (_, at) => stored[Math.floor(at / 3)] as number);
      const shown = uprightSquare({ data, width: side, height: side }, orientation).data;
      expect(
        [...upright].map((_, cell) => shown[cell * 3]),
        `orientation ${orientation}`,
      ).toEqual([...upright]);
    }
  });
});

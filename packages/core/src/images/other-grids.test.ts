import { afterAll, beforeAll, expect, test } from 'vitest';
import { angle, measured, noSlot, startShooting } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { otherGrids } from './other-grids.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

/** A measured frame, recognized by its colour. */
const coloured = (value: number) => ({ ...measured(), colourGrid: new Uint8Array(768).fill(value) });

test('gives the grids of at most six other frames of the spin, spread over its angles', async () => {
  const shooting = await startShooting(database, {
    studio360: { frame_count: 24 },
    stills: [{ name: 'front', required: true }],
  });
  const colours = async (imageId: Awaited<ReturnType<typeof shooting.shoot>>) => {
    const grids = await shooting.tenant.read((tx) => otherGrids(tx, imageId));
    for (const grid of grids) expect(grid).toHaveLength(768);
    return grids.map((grid) => grid[0]).sort((a = 0, b = 0) => a - b);
  };
  const first = await shooting.shoot(angle(0), coloured(100));
  expect(await colours(first)).toEqual([]);
  for (const k of [1, 2, 3]) await shooting.shoot(angle(k * 15), coloured(k));
  // Neither stills nor frames without a slot show the car from the same place.
  const still = await shooting.shoot({ angle_deg: null, shot_name: 'front' }, coloured(101));
  const loose = await shooting.shoot(noSlot, coloured(102));
  // It has no picture yet.
  const announced = await shooting.announce(angle(60));
  expect(await colours(first)).toEqual([1, 2, 3]);
  expect(await colours(announced.id)).toEqual([1, 2, 3, 100]);
  expect(await colours(still)).toEqual([]);
  expect(await colours(loose)).toEqual([]);
  // An earlier frame of the same angle shows the same view.
  const again = await shooting.shoot(angle(15), coloured(103));
  expect(await colours(again)).toEqual([2, 3, 100]);

  for (let k = 4; k < 24; k++) await shooting.shoot(angle(k * 15), coloured(k));
  expect(await colours(first)).toEqual([4, 8, 12, 16, 20, 23]);
});

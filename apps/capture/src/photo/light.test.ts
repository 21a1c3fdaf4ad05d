import { expect, test } from 'vitest';
import { driftBetween, isDrifted, lightAround } from './light.ts';

/** A studio of one colour with a car of another colour in the middle. */
function studio(wall: [number, number, number], car: [number, number, number], width = 100, height = 60) {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x > 15 && x < 85 && y > 15 && y < 50;
      data.set(inside ? car : wall, (y * width + x) * 3);
    }
  }
  return { data, width, height };
}

test('the light around the car does not depend on the car', () => {
  const red = lightAround(studio([120, 118, 116], [200, 10, 10]));
  expect(red).toEqual(lightAround(studio([120, 118, 116], [5, 5, 5])));
  expect(red).toEqual({ red: 120, green: 118, blue: 116 });
});

test('a failed lamp and a lamp of another colour are a drift, noise is not', () => {
  const first = { red: 120, green: 120, blue: 120 };
  expect(isDrifted(driftBetween(first, { red: 122, green: 119, blue: 121 }))).toBe(false);
  const darker = driftBetween(first, { red: 90, green: 90, blue: 90 });
  expect([isDrifted(darker), Math.round(darker.exposure_ev * 100)]).toEqual([true, -91]);
  expect(isDrifted(driftBetween(first, { red: 132, green: 120, blue: 108 }))).toBe(true);
});

test('a completely black picture is a drift and causes no division by zero', () => {
  const drift = driftBetween({ red: 0, green: 0, blue: 0 }, { red: 120, green: 120, blue: 120 });
  expect(Number.isFinite(drift.exposure_ev) && isDrifted(drift)).toBe(true);
});

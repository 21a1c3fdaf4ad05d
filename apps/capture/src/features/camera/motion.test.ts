import { expect, test } from 'vitest';
import { startWatch, watchMotion } from './motion.ts';

const width = 64;
const height = 48;

/** A bright car whose left edge is at `x`, on grey noise. */
function glance(x: number, noise = 0, seed = 1, brightness = 0) {
  const data = new Uint8Array(width * height);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const at = i % width;
    data[i] = (at >= x && at < x + 20 ? 200 : 80) + brightness + (state % (2 * noise + 1)) - noise;
  }
  return { data, width, height };
}

function shots(glances: ReturnType<typeof glance>[]): number[] {
  let watch = startWatch;
  return glances.flatMap((each, k) => {
    const next = watchMotion(watch, each);
    watch = next.watch;
    return next.shoot ? [k] : [];
  });
}

test('a frame is taken once after the turntable has moved and then stood still for a while', () => {
  const still = Array.from({ length: 10 }, () => glance(10));
  const moving = [12, 16, 20, 24].map((x) => glance(x));
  const after = Array.from({ length: 12 }, () => glance(24));
  expect(shots([...still, ...moving, ...after])).toEqual([19]);
});

test('no frame is taken while the turntable swings back', () => {
  const glances = [10, 14, 18, 18, 18, 16, 14, ...Array<number>(8).fill(14)].map((x) => glance(x));
  expect(shots(glances)).toEqual([12]);
});

test('no frame is taken if the turntable never moves, despite noise or a flickering lamp', () => {
  expect(shots(Array.from({ length: 60 }, (_, k) => glance(10, 3, k + 1)))).toEqual([]);
  expect(shots(Array.from({ length: 60 }, (_, k) => glance(10, 1, k + 1, (k % 2) * 20)))).toEqual([]);
});

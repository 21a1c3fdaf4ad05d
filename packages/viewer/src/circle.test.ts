import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distance, nearest, widestGap, wrap } from './circle.ts';

const spin = Array.from({ length: 24 }, (_, k) => k * 15);

test.each([
  [0, 0],
  [360, 0],
  [-15, 345],
  [725, 5],
  [-1e-20, 0],
])('%d degrees are %d on the circle', (degrees, wrapped) => {
  expect(wrap(degrees)).toBe(wrapped);
});

test('wraps every angle to an equivalent one within the circle', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (degrees) => {
      const wrapped = wrap(degrees);
      expect(wrapped).toBeGreaterThanOrEqual(0);
      expect(wrapped).toBeLessThan(360);
      expect(Math.abs((degrees - wrapped) % 360)).toBe(0);
    }),
  );
});

test('measures the shorter distance between two angles', () => {
  expect(distance(350, 10)).toBe(20);
  expect(distance(10, 350)).toBe(20);
  expect(distance(0, 180)).toBe(180);
});

test('finds the nearest angle across zero', () => {
  expect(spin[nearest(spin, 353)]).toBe(0);
  expect(spin[nearest(spin, 352)]).toBe(345);
  expect(spin[nearest(spin, -7)]).toBe(0);
  expect(spin[nearest(spin, 367)]).toBe(0);
});

test('bridges a gap from the nearer side and from any distance', () => {
  const has =
    (...angles: number[]) =>
    (index: number) =>
      angles.includes(spin[index] ?? -1);
  expect(spin[nearest(spin, 45, has(0, 60, 330))]).toBe(60);
  expect(spin[nearest(spin, 15, has(60, 345))]).toBe(345);
  expect(spin[nearest(spin, 180, has(0))]).toBe(0);
  expect(nearest(spin, 180, has())).toBe(-1);
  expect(nearest([], 0)).toBe(-1);
});

test('includes the distance across zero in the widest gap', () => {
  expect(widestGap([0, 90, 180, 270])).toBe(90);
  expect(widestGap([10, 20, 30])).toBe(340);
  expect(widestGap([120])).toBe(360);
  expect(widestGap([])).toBe(360);
});

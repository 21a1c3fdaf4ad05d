import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxScale, pan, unzoomed, zoomAt } from './zoom.ts';

test('keeps the point under the hand in place', () => {
  const zoom = zoomAt(unzoomed, 3, 0.2, -0.1);
  // A point p of the picture is displayed at x + scale * p.
  expect(zoom.x + zoom.scale * 0.2).toBeCloseTo(0.2);
  expect(zoom.y + zoom.scale * -0.1).toBeCloseTo(-0.1);
});

test('shows the whole picture again at a scale of 1, wherever it was moved', () => {
  const moved = pan(zoomAt(unzoomed, 4), 0.7, 0.7);
  expect(zoomAt(moved, 0.5)).toEqual(unzoomed);
  expect(zoomAt(moved, 1.005)).toEqual(unzoomed);
});

test('limits the scale and keeps the edges of the picture outside the stage', () => {
  const number = fc.double({ min: -20, max: 20, noNaN: true });
  const point = fc.double({ min: -0.5, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(number, point, point, number, number)), (moves) => {
      let zoom = unzoomed;
      for (const [factor, px, py, dx, dy] of moves) {
        zoom = pan(zoomAt(zoom, zoom.scale * factor, px, py), dx, dy);
        expect(zoom.scale).toBeGreaterThanOrEqual(1);
        expect(zoom.scale).toBeLessThanOrEqual(maxScale);
        const room = (zoom.scale - 1) / 2 + 1e-9;
        expect(Math.max(Math.abs(zoom.x), Math.abs(zoom.y))).toBeLessThanOrEqual(room);
      }
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSample, glide, releaseSpeed, type Sample } from './inertia.ts';

/** Samples of a drag at `speed` degrees per ms, every 16 ms. */
function samplesAt(speed: number, ms: number): Sample[] {
  let samples: Sample[] = [];
  for (let time = 0; time <= ms; time += 16) samples = addSample(samples, { time, degrees: speed * time });
  return samples;
}

test('releases with the speed of the drag, in either direction', () => {
  expect(releaseSpeed(samplesAt(0.3, 320), 320)).toBeCloseTo(0.3);
  expect(releaseSpeed(samplesAt(-0.3, 320), 320)).toBeCloseTo(-0.3);
});

test('releases without speed after a rest', () => {
  expect(releaseSpeed(samplesAt(0.3, 320), 420)).toBe(0);
  expect(releaseSpeed([], 0)).toBe(0);
  expect(releaseSpeed([{ time: 0, degrees: 90 }], 0)).toBe(0);
});

test('keeps only recent samples of a long drag', () => {
  expect(samplesAt(0.3, 60_000).length).toBeLessThan(10);
});

test('limits the release speed to three turns per second', () => {
  expect(releaseSpeed(samplesAt(50, 320), 320)).toBeCloseTo(1.08);
});

test('glides to a stop without turning back', () => {
  fc.assert(
    fc.property(fc.double({ min: -1.08, max: 1.08, noNaN: true }), (speed) => {
      const { durationMs, degreesAt } = glide(speed);
      expect(durationMs).toBeLessThan(2000);
      const way = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.abs(degreesAt(durationMs * part)));
      const steps = way.slice(1).map((degrees, i) => degrees - (way[i] ?? 0));
      for (const [i, step] of steps.entries()) expect(step).toBeLessThanOrEqual((steps[i - 1] ?? step) + 1e-9);
      expect(degreesAt(durationMs + 10_000)).toBe(degreesAt(durationMs));
    }),
  );
});

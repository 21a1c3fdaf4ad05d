import { expect, it } from 'vitest';
import { histogramPath, scalePlace } from './qc-drawings.ts';

it('draws a score in the third of the scale for its verdict', () => {
  expect([0, 50, 100, 200, 300, 600].map((score) => Number(scalePlace(score, 100, 300).toFixed(3)))).toEqual([
    0, 0.167, 0.333, 0.5, 0.667, 0.833,
  ]);
  expect(scalePlace(1e9, 100, 300)).toBeLessThanOrEqual(1);
  expect(scalePlace(-5, 100, 300)).toBe(0);
});

it('stays on the scale for any thresholds', () => {
  for (const [score, fail, warn] of [
    [0, 0, 0],
    [5, 0, 0],
    [5, 10, 10],
    [10, 10, 10],
  ] as const) {
    const place = scalePlace(score, fail, warn);
    expect(place).toBeGreaterThanOrEqual(0);
    expect(place).toBeLessThanOrEqual(1);
  }
});

it('draws an area with one unit per bin, and nothing for an empty histogram', () => {
  expect(histogramPath([0, 100, 25])).toBe('M0 24V24.00H1V1.00H2V12.50H3V24Z');
  expect(histogramPath([0, 0])).toBe('M0 24V24.00H1V24.00H2V24Z');
});

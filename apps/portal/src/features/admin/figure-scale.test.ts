import { defaultQcThresholds } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { figureScale, histogram, verdictAt } from './figure-scale.ts';

it('counts widths in steps of the slider, and what is beyond the scale at its ends', () => {
  const scale = figureScale('v3', 2.8);
  const counts = histogram([0.5, 1, 2.39, 2.4, 2.44, 2.45, 9], scale);
  const found = counts.flatMap((count, bin) => (count > 0 ? [[Number((1 + bin * 0.05).toFixed(2)), count]] : []));
  expect(found).toEqual([
    [1, 2],
    [2.35, 1],
    [2.4, 2],
    [2.45, 1],
    [3.95, 1],
  ]);
});

it('has a logarithmic scale for scores', () => {
  const { place, ticks } = figureScale('v1', 100);
  expect(place(1000) - place(100)).toBeCloseTo(place(100) - place(10));
  expect([place(0), place(1), place(99_999)]).toEqual([0, 0, 1]);
  expect(ticks.map(place)).toEqual(ticks.map(place).toSorted((a, b) => a - b));
});

it('shows the limit, however high it is', () => {
  for (const limit of [1, 2.8, 4, 5.5, 10]) {
    const { min, max, ticks } = figureScale('v3', limit);
    expect(max).toBeGreaterThanOrEqual(limit);
    expect([ticks[0], ticks.at(-1)]).toEqual([min, max]);
    expect(ticks.length).toBeLessThanOrEqual(10);
  }
});

it('gives the verdict at a place on the axis, whether high or low figures are good', () => {
  const at = (profile: 'v1' | 'v2' | 'v3', figure: number) => {
    const scale = figureScale(profile, 2.8);
    return verdictAt(scale.place(figure), scale, { ...defaultQcThresholds, profile });
  };
  expect([1, 2.6, 3].map((width) => at('v3', width))).toEqual(['pass', 'warn', 'fail']);
  expect([1000, 200, 50].map((score) => at('v1', score))).toEqual(['pass', 'warn', 'fail']);
  expect([1000, 200, 50].map((score) => at('v2', score))).toEqual(['pass', 'warn', 'fail']);
});

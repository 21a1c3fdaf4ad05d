import { expect, test } from 'vitest';
import type { Qc } from './qc.ts';
import { defaultQcThresholds, judgeQc } from './qc-rules.ts';

const centre = { red: 90, green: 90, blue: 90, luma: 90, clipped_white: 0, clipped_black: 0 };
const edges = { width: 2, widths: [2, 2, 2, 2], count: 900, long_side: 1600, motion_deg: null };
const exposure = { clipped_white: 0, clipped_black: 0, mean_luma: 90 };

test('an older frame without the figures of the profile is judged by the first rules', () => {
  const older = { sharpness: { score: 90 }, exposure };
  for (const profile of ['v1', 'v2', 'v3'] as const) {
    expect(judgeQc(older, { ...defaultQcThresholds, profile })).toEqual({
      sharpness: 'fail',
      exposure: 'pass',
      size: null,
      version: 1,
      status: 'failed',
    });
  }
});

test('each profile judges the same figures without the picture', () => {
  const figures = { sharpness: { score: 90, score_1000: 200, edges }, exposure: { ...exposure, centre } };
  const judged = (['v1', 'v2', 'v3'] as const).map((profile) => judgeQc(figures, { ...defaultQcThresholds, profile }));
  expect(judged.map(({ version, sharpness }) => [version, sharpness])).toEqual([
    [1, 'fail'],
    [2, 'warn'],
    [3, 'pass'],
  ]);
});

test('a damaged file stays failed under every profile', () => {
  const damage: Qc['damage'] = { status: 'fail', faults: 3 };
  const figures = { sharpness: { score: 900, score_1000: 900, edges }, exposure: { ...exposure, centre }, damage };
  for (const profile of ['v1', 'v2', 'v3'] as const) {
    expect(judgeQc(figures, { ...defaultQcThresholds, profile }).status).toBe('failed');
  }
});

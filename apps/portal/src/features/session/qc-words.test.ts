import { defaultQcThresholds, type Image, type Qc } from '@spinbay/contracts';
import { describe, expect, it } from 'vitest';
import { figuresOf, reasonsOf } from './qc-words.ts';

const thresholds = { ...defaultQcThresholds, sharpness_1000_warn: 350 };

function judged(
  status: Image['status'],
  sharpness: Qc['sharpness'],
  exposure: Partial<Qc['exposure']> = {},
): Pick<Image, 'status' | 'qc' | 'qc_version' | 'failure'> {
  const exposed = { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 128, ...exposure } as const;
  return { status, failure: null, qc_version: 1, qc: { sharpness, exposure: exposed } };
}

const sharp = { score: 500, status: 'pass' } as const;

describe('reasonsOf', () => {
  it('has a text with the figures for each reason', () => {
    const both = judged('failed', { score: 43.9, status: 'fail' }, { status: 'fail', clipped_black: 0.09 });
    expect(reasonsOf(both, thresholds)).toEqual([
      'blurry: sharpness 43, needs 100',
      'too dark: 9 % of the picture is pure black',
    ]);
    const bright = judged('failed', sharp, { status: 'fail', clipped_white: 0.051 });
    expect(reasonsOf(bright, thresholds)).toEqual(['too bright: 5.1 % of the picture is pure white']);
    expect(reasonsOf(judged('processed', { score: 223, status: 'warn' }), thresholds)).toEqual([
      'a little soft: sharpness 223, good is above 300',
    ]);
    expect(reasonsOf(judged('processed', sharp), thresholds)).toEqual([]);
  });

  it('repeats why a file could not be read', () => {
    const failure = { code: 'truncated', message: 'the file ends before the picture does' };
    expect(reasonsOf({ status: 'failed', qc: null, qc_version: null, failure }, thresholds)).toEqual([failure.message]);
    expect(reasonsOf({ status: 'failed', qc: null, qc_version: null, failure: null }, thresholds)).toEqual([
      'it could not be measured',
    ]);
  });

  it('names the worse share if the limit was stricter when the frame was judged', () => {
    const dark = judged('failed', sharp, { status: 'fail', clipped_black: 0.04, clipped_white: 0.01 });
    expect(reasonsOf(dark, thresholds)).toEqual(['too dark: 4 % of the picture is pure black']);
  });
});

describe('figuresOf', () => {
  const centre = { red: 1, green: 1, blue: 1, luma: 1, clipped_white: 0.3, clipped_black: 0.01 };
  const qc: Qc = {
    sharpness: { score: 42, score_1000: 420, status: 'pass' },
    exposure: { status: 'fail', clipped_white: 0.02, clipped_black: 0.6, mean_luma: 80, centre },
  };

  it('returns the figures of the rules that gave the verdict', () => {
    expect(figuresOf(qc, 1, thresholds)).toMatchObject({ score: 42, fail: 100, warn: 300, black: 0.6, rules: 'v1' });
    expect(figuresOf(qc, 2, thresholds)).toMatchObject({ score: 420, fail: 150, warn: 350, white: 0.3, rules: 'v2' });
    expect(reasonsOf({ status: 'failed', failure: null, qc, qc_version: 2 }, thresholds)).toEqual([
      'too bright: 30 % of the picture is pure white',
    ]);
  });

  it('returns the width of edges and the tones as plain texts for profile v3', () => {
    const edges = { width: 3.34, widths: [3.34, 3, 2.9, 3], count: 900, long_side: 1600, motion_deg: null };
    const soft: Qc = { ...qc, sharpness: { ...qc.sharpness, edges, status: 'fail' } };
    expect(figuresOf(soft, 3, thresholds)).toMatchObject({ rules: 'v3', score: 3.34, fail: 2.8, warn: 2.5 });
    const reasons = (judgedQc: Qc) =>
      reasonsOf({ status: 'failed', failure: null, qc: judgedQc, qc_version: 3 }, thresholds);
    expect(reasons(soft)).toEqual(['soft: edges 3.4 px wide at 1600 px', 'too bright: nothing in the picture is dark']);
    const good = { ...qc.exposure, status: 'pass' } as const;
    const shaken = { ...edges, width: 7, motion_deg: 0 };
    expect(reasons({ ...soft, exposure: good, sharpness: { ...soft.sharpness, edges: shaken } })).toEqual([
      'motion blur sideways: edges 7 px wide at 1600 px',
    ]);
    const ofCar = { ...edges, region: 'car' as const, picture_width: 1.8 };
    expect(reasons({ ...soft, exposure: good, sharpness: { ...soft.sharpness, edges: ofCar } })).toEqual([
      'soft: edges of the car 3.4 px wide at 1600 px',
    ]);
    const none = { ...edges, width: null };
    expect(reasons({ ...soft, exposure: good, sharpness: { ...soft.sharpness, edges: none } })).toEqual([
      'no clear edge in the picture',
    ]);
  });

  it('falls back to the figures that every frame has', () => {
    const { centre: _, ...exposure } = qc.exposure;
    expect(figuresOf({ ...qc, exposure }, 2, thresholds)).toMatchObject({ score: 42, rules: 'v1' });
  });
});

import { defaultQcThresholds, type QcProfile } from '@spinbay/contracts';
import { describe, expect, it } from 'vitest';
import { gradeQuality } from './grade-quality.ts';
import { measureQuality } from './kernel/plain-kernel.ts';

const flat = measureQuality({ data: new Uint8Array(300).fill(130), width: 10, height: 10 });
const thresholds = defaultQcThresholds;

const size = { width: 4000, height: 3000 };

describe('gradeQuality', () => {
  const grade = (sharpness: number, clippedWhite = 0, clippedBlack = 0) =>
    gradeQuality({ ...flat, sharpness, clippedWhite, clippedBlack }, size, thresholds).qc;

  it('fails below the lower threshold and warns up to and including the upper one', () => {
    expect([0, 99.999, 100, 300, 300.001].map((score) => grade(score).sharpness.status)).toEqual([
      'fail',
      'fail',
      'warn',
      'warn',
      'pass',
    ]);
  });

  it('fails exposure only above the clipped share, for white and for black', () => {
    expect(grade(500, 0.05, 0.05).exposure.status).toBe('pass');
    expect(grade(500, 0.0501, 0).exposure.status).toBe('fail');
    expect(grade(500, 0, 0.0501).exposure.status).toBe('fail');
  });

  it('grades by the sharpness at 1000 px and the clipping of the centre in profile v2, and reports the profile version', () => {
    const judged = (
      profile: QcProfile,
      sharpness: number,
      sharpness1000: number,
      clippedWhite: number,
      centre: number,
    ) => {
      const { qc, version, status } = gradeQuality(
        { ...flat, sharpness, sharpness1000, clippedWhite, centre: { ...flat.centre, clippedBlack: centre } },
        size,
        { ...thresholds, profile },
      );
      return [qc.sharpness.status, qc.exposure.status, version, status];
    };
    // Strong blur with strong noise: a high score at full size.
    expect(judged('v1', 500, 60, 0, 0)).toEqual(['pass', 'pass', 1, 'processed']);
    expect(judged('v2', 500, 60, 0, 0)).toEqual(['fail', 'pass', 2, 'failed']);
    // A sharp dark car in a white studio.
    expect(judged('v1', 60, 500, 0.4, 0)).toEqual(['fail', 'fail', 1, 'failed']);
    expect(judged('v2', 60, 500, 0.4, 0)).toEqual(['pass', 'pass', 2, 'processed']);
    expect(judged('v2', 60, 200, 0, 0.06)).toEqual(['warn', 'fail', 2, 'failed']);
  });

  it('grades by edge width and tones in profile v3, and passes black cars and white studios', () => {
    const v3 = { ...defaultQcThresholds, profile: 'v3' as const };
    const judged = (width: number | null, tones: Partial<typeof flat> = {}) => {
      const measures = { ...flat, ...tones, edges: { ...flat.edges, width } };
      const { qc, version } = gradeQuality(measures, size, v3);
      expect(version).toBe(3);
      return [qc.sharpness.status, qc.exposure.status];
    };
    /** Shares of pixels by grey value. */
    const histogram = (tones: Readonly<Record<number, number>>) =>
      Array.from({ length: 256 }, (_, grey) => tones[grey] ?? 0);
    const studio = histogram({ 15: 30, 120: 10, 255: 60 });
    const centre = { ...flat.centre, clippedWhite: 0.3 };
    expect(judged(2, { clippedWhite: 0.6, histogram: studio, centre })).toEqual(['pass', 'pass']);
    expect([2.5, 2.51, 2.8, 2.81].map((width) => judged(width)[0])).toEqual(['pass', 'warn', 'warn', 'fail']);
    expect(judged(null)[0]).toBe('fail');
    expect(judged(2, { histogram: histogram({ 160: 60, 255: 40 }) })[1]).toBe('fail');
    expect(judged(2, { histogram: histogram({ 5: 60, 70: 40 }) })[1]).toBe('fail');
    expect(judged(2, { centre: { ...flat.centre, clippedWhite: 0.51 } })[1]).toBe('fail');
  });

  it('reports edge directions of the picture as shown, for any camera orientation', () => {
    const widths = [6, 4, 2, 3];
    const along = (orientation: number) => {
      const edges = { ...flat.edges, width: 6, widths };
      return gradeQuality({ ...flat, edges }, { ...size, orientation }, thresholds).qc.sharpness.edges;
    };
    expect(along(1)).toMatchObject({ widths, motion_deg: 0 });
    expect(along(3)).toMatchObject({ widths, motion_deg: 0 });
    expect(along(2)).toMatchObject({ widths: [6, 3, 2, 4], motion_deg: 0 });
    expect(along(6)).toMatchObject({ widths: [2, 3, 6, 4], motion_deg: 90 });
    expect(along(5)).toMatchObject({ widths: [2, 4, 6, 3], motion_deg: 90 });
  });

  it('fails a picture whose long side is too small', () => {
    const judged = (width: number, height: number) => {
      const { qc, status } = gradeQuality({ ...flat, sharpness: 500 }, { width, height }, thresholds);
      expect(qc.size).toMatchObject({ width, height });
      return [qc.size?.status, status];
    };
    expect(judged(2, 2)).toEqual(['fail', 'failed']);
    expect(judged(50, 99)).toEqual(['fail', 'failed']);
    expect(judged(100, 20)).toEqual(['warn', 'processed']);
    expect(judged(480, 639)).toEqual(['warn', 'processed']);
    expect(judged(480, 640)).toEqual(['pass', 'processed']);
  });

  it('fails a damaged picture, warns of a possibly damaged one and keeps the notes', () => {
    const judged = (status: 'pass' | 'warn' | 'fail') =>
      gradeQuality({ ...flat, sharpness: 500 }, { ...size, damage: { status, faults: 1 } }, thresholds).status;
    expect((['pass', 'warn', 'fail'] as const).map(judged)).toEqual(['processed', 'processed', 'failed']);
    expect(grade(500)).not.toHaveProperty('damage');
    expect(grade(500)).not.toHaveProperty('notes');
    const noted = gradeQuality(flat, { ...size, notes: ['no_end_marker'] }, thresholds);
    expect(noted.qc.notes).toEqual(['no_end_marker']);
  });

  it('stores the histogram as 64 shares in units of 1/10,000', () => {
    const { histogram } = grade(500).exposure;
    expect(histogram).toHaveLength(64);
    expect(histogram?.[32]).toBe(10_000);
    const half = measureQuality({
      data: Uint8Array.from({ length: 600 }, (_, i) => (i < 300 ? 3 : 255)),
      width: 20,
      height: 10,
    });
    expect(gradeQuality(half, size, thresholds).qc.exposure.histogram).toEqual([5000, ...Array(62).fill(0), 5000]);
  });
});

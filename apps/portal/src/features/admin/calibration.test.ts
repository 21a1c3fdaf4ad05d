import { defaultQcThresholds, ImageId, type QcFrame, SessionId } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { changesBetween, countVerdicts, judgeFrames, nearestToLimit } from './calibration.ts';

const centre = { red: 90, green: 90, blue: 90, luma: 90, clipped_white: 0, clipped_black: 0 };

function frame(
  n: number,
  { score, width }: { score: number; width: number | null },
  over: Partial<QcFrame> = {},
): QcFrame {
  const id = `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  return {
    image_id: ImageId.parse(id),
    session_id: SessionId.parse(id),
    angle_deg: 0,
    shot_name: null,
    status: 'processed',
    thumb_url: null,
    qc: {
      sharpness: {
        score,
        score_1000: score,
        edges: { width, widths: [width, width, width, width], count: 900, long_side: 1600, motion_deg: null },
        status: 'pass',
      },
      exposure: { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 90, centre },
      size: { status: 'pass', width: 300, height: 200 },
    },
    qc_version: 1,
    is_preview: false,
    processed_at: '2026-11-20T10:00:00.000Z',
    ...over,
  };
}

const frames = [
  frame(1, { score: 900, width: 2 }, { is_preview: true }),
  frame(2, { score: 50, width: 2.2 }, { is_preview: true }),
  frame(3, { score: 900, width: 3 }, { is_preview: true }),
  frame(4, { score: 900, width: null }, { is_preview: true }),
];
const by = (profile: 'v1' | 'v3') => judgeFrames(frames, { ...defaultQcThresholds, profile });

it('says how each profile would have judged the frames, and which verdicts it would change', () => {
  expect(countVerdicts(by('v1'))).toEqual({ pass: 3, warn: 0, fail: 1 });
  expect(countVerdicts(by('v3'))).toEqual({ pass: 2, warn: 0, fail: 2 });
  const changes = changesBetween(by('v1'), by('v3')).map(({ from, to, frames: changed }) => ({
    ...{ from, to },
    frames: changed.map(({ frame: one }) => frames.indexOf(one)),
  }));
  expect(changes).toEqual([
    { from: 'fail', to: 'pass', frames: [1] },
    { from: 'pass', to: 'fail', frames: [2, 3] },
  ]);
  expect(changesBetween(by('v1'), by('v1'))).toEqual([]);
});

it('judges the size of an original, but not of a preview', () => {
  const small = { score: 900, width: 2 };
  const [original] = judgeFrames([frame(1, small)], defaultQcThresholds);
  const [preview] = judgeFrames([frame(1, small, { is_preview: true })], defaultQcThresholds);
  expect([original?.verdict, preview?.verdict]).toEqual(['warn', 'pass']);
});

it('finds the frames nearest to the limit on both sides, whether high or low figures are good', () => {
  const indexes = (found: ReturnType<typeof nearestToLimit>) =>
    [found.sharp, found.soft].map((side) => side.map(({ frame: one }) => frames.indexOf(one)));
  expect(indexes(nearestToLimit(frames, 'v3', 2.1, 1))).toEqual([[0], [1]]);
  expect(indexes(nearestToLimit(frames, 'v3', 2.1, 9))).toEqual([[0], [1, 2]]);
  expect(indexes(nearestToLimit(frames, 'v1', 100, 9))).toEqual([[0, 2, 3], [1]]);
});

import { expect, test } from 'vitest';
import { planSlots } from './plan-slots.ts';

const angles = (...files: string[]) =>
  planSlots(files, 'studio360').slots.map(({ file, slot }) => [file, slot.angle_deg]);
const numbered = (count: number) => Array.from({ length: count }, (_, k) => `IMG_${k + 1}.JPG`);

test('photo k of 24 has the angle 15 k', () => {
  const plan = angles(...numbered(24));
  expect(plan.slice(0, 2)).toEqual([
    ['IMG_1.JPG', 0],
    ['IMG_2.JPG', 15],
  ]);
  expect(plan[23]).toEqual(['IMG_24.JPG', 345]);
});

test('fewer than 24 photos leave the last slots open', () => {
  const { shotList, slots } = planSlots(numbered(3), 'studio360');
  expect([shotList.studio360?.frame_count, slots.length]).toEqual([24, 3]);
});

test('angles in file names take precedence over the order, so that a gap stays a gap', () => {
  expect(angles('angle_000.jpg', 'angle_030.jpg', 'angle_345.jpg').map(([, angle]) => angle)).toEqual([0, 30, 345]);
});

test('more than 24 photos give smaller steps, or are refused with a reason', () => {
  expect(planSlots(numbered(36), 'studio360').shotList).toEqual({ studio360: { frame_count: 36 } });
  expect(() => planSlots(numbered(37), 'studio360')).toThrow(/37 photos, which do not divide a circle/);
});

test('stills are named after their files', () => {
  const { shotList } = planSlots(['Front Left.jpg', 'shot_odometer.jpg'], 'stills');
  expect(shotList.stills?.map((still) => still.name)).toEqual(['front_left', 'odometer']);
});

test('two files for one slot are refused, and their names are safe to print', () => {
  expect(() => planSlots(['front.jpg', 'FRONT.jpeg'], 'stills')).toThrow(/name the same slot \(shot_front\)/);
  expect(() => planSlots(['front\u001b[2J.jpg', 'front_2j.jpg'], 'stills')).toThrow(/^front\\x1b\[2J\.jpg and /);
});

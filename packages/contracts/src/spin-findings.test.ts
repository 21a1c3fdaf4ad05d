import { expect, it } from 'vitest';
import { spinFindings } from './spin-findings.ts';
import { SpinQc } from './spin-qc.ts';

const at = (angle_deg: number) => ({
  image_id: `019a0000-0000-7000-8000-${String(angle_deg).padStart(12, '0')}`,
  angle_deg,
});
const nothing = {
  missing: [],
  exposure: [],
  white_balance: [],
  step: 10,
  repeated: [],
  skipped: [],
  near_duplicates: [],
};
const findings = (of: object) => spinFindings(SpinQc.parse({ ...nothing, ...of }));

it('findings are empty for a good spin', () => {
  expect(findings({})).toEqual([]);
});

it('findings describe what a comparison of the frames shows, gaps first', () => {
  const found = findings({
    exposure: [
      { ...at(15), stops: -0.84 },
      { ...at(30), stops: 1 },
    ],
    white_balance: [
      { ...at(45), red: 0.02, blue: -0.12 },
      { ...at(60), red: 0.2, blue: 0.1 },
    ],
    repeated: [{ first: at(90), second: at(105), distance: 1 }],
    skipped: [{ first: at(120), second: at(135), distance: 30 }],
    swapped: [{ first: at(195), second: at(210), distance: 20 }],
    soft: [{ ...at(75), width: 4, usual: 2 }],
    near_duplicates: [{ first: at(0), second: at(180), distance: 1 }],
    missing: [150, 165],
  });
  expect(found.map(({ text }) => text)).toEqual([
    'No picture at 150°, 165°.',
    'An angle is missing between 120° and 135°.',
    '195° and 210° are in the wrong order.',
    '90° and 105° show the same angle: the turntable did not move.',
    '0° and 180° show the same view, although they are far apart.',
    '15° is 0.8 stops darker than the other frames.',
    '30° is 1 stop brighter than the other frames.',
    '75° is less sharp than the frames next to it.',
    '45° is less blue than the other frames.',
    '60° is redder than the other frames.',
  ]);
  expect(found.map(({ angles }) => angles)).toEqual([
    [],
    [120, 135],
    [195, 210],
    [90, 105],
    [0, 180],
    [15],
    [30],
    [75],
    [45],
    [60],
  ]);
});

import { expect, test } from 'vitest';
import { tiltOf } from './tilt.ts';

const g = 9.81;
/** The values of a phone that is turned clockwise, as its user sees it. */
const turned = (degrees: number) => {
  const angle = (degrees * Math.PI) / 180;
  return [-Math.sin(angle) * g, Math.cos(angle) * g, 0] as const;
};

test.each([0, 90, 180, 270])('a phone that is held at %s degrees is level', (degrees) => {
  expect(tiltOf(...turned(degrees))).toBeCloseTo(0);
});

test('on a phone that is turned clockwise, the line turns back by the same angle', () => {
  expect(tiltOf(...turned(5))).toBeCloseTo(-5);
  expect(tiltOf(...turned(-5))).toBeCloseTo(5);
  expect(tiltOf(...turned(92))).toBeCloseTo(-2);
});

test('systems with the opposite sign give the same tilt', () => {
  const [x, y, z] = turned(7);
  expect(tiltOf(-x / g, -y / g, -z / g)).toBeCloseTo(-7);
});

test('a phone that lies flat, or has no sensor, has no tilt', () => {
  expect(tiltOf(0.1, 0.1, g)).toBeNull();
  expect(tiltOf(0, 0, 0)).toBeNull();
  expect(tiltOf(Number.NaN, 0, 0)).toBeNull();
});

import { expect, test } from 'vitest';
import { angleAtTap, placeOnDial, pressPosition } from './dial.ts';

const angles = Array.from({ length: 24 }, (_, k) => k * 15);

test('a tap selects the nearest angle', () => {
  for (const angle of angles) {
    const { x, y } = placeOnDial(angle + 5);
    expect(angleAtTap(angles, x * 0.9, y * 0.9)).toBe(angle);
  }
  const { x, y } = placeOnDial(356);
  expect(angleAtTap(angles, x, y)).toBe(0);
});

test('a tap in the middle selects nothing', () => {
  expect(angleAtTap(angles, 0.1, 0.1)).toBeNull();
});

test('the position of a press comes from a touch or from the click of a browser; a press of a key has none', () => {
  expect(pressPosition({ locationX: 124, locationY: 66 })).toEqual({ x: 124, y: 66 });
  expect(pressPosition({ type: 'click', detail: 1, offsetX: 124, offsetY: 66 })).toEqual({ x: 124, y: 66 });
  // A screen reader clicks without a position: browsers then report one outside of the dial.
  expect(pressPosition({ type: 'click', detail: 0, offsetX: -300, offsetY: -500 })).toBeNull();
  expect(pressPosition({ type: 'keyup', key: 'Enter' })).toBeNull();
});

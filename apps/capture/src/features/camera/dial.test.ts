import { expect, test } from 'vitest';
import { placeOnDial, slotAtTap } from './dial.ts';

const angles = Array.from({ length: 24 }, (_, k) => k * 15);

test('a tap selects the nearest angle', () => {
  for (const angle of angles) {
    const { x, y } = placeOnDial(angle + 5);
    expect(slotAtTap(angles, x * 0.9, y * 0.9)).toBe(angle);
  }
  const { x, y } = placeOnDial(356);
  expect(slotAtTap(angles, x, y)).toBe(0);
});

test('a tap in the middle selects nothing', () => {
  expect(slotAtTap(angles, 0.1, 0.1)).toBeNull();
});

import { expect, test } from 'vitest';
import { placeOnDial, slotAtTap } from './dial.ts';

const angles = Array.from({ length: 24 }, (_, k) => k * 15);

test('a tap means the angle that is drawn nearest to it', () => {
  for (const angle of angles) {
    const { x, y } = placeOnDial(angle + 5);
    expect(slotAtTap(angles, x * 0.9, y * 0.9)).toBe(angle);
  }
  const { x, y } = placeOnDial(356);
  expect(slotAtTap(angles, x, y)).toBe(0);
});

test('a tap into the middle means none', () => {
  expect(slotAtTap(angles, 0.1, 0.1)).toBeNull();
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { widestGap } from './circle.ts';
import { coarseToFine, nextToLoad } from './loading-order.ts';
import { initialState, type Picture, reduce, type Slot } from './state.ts';

test('loads 24 frames from coarse to fine', () => {
  const angles = coarseToFine(24).map((index) => index * 15);
  expect(angles.slice(0, 8)).toEqual([0, 180, 90, 270, 45, 225, 135, 315]);
  expect(angles.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, k) => k * 15));
});

test('loads each of any number of frames once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), (count) => {
      const order = coarseToFine(count);
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, k) => k));
    }),
  );
});

test('keeps the loaded frames evenly spread around the vehicle', () => {
  const order = coarseToFine(24).map((index) => index * 15);
  const gapAfter = (loaded: number) => widestGap(order.slice(0, loaded).toSorted((a, b) => a - b));
  expect([2, 4, 8, 16, 24].map(gapAfter)).toEqual([180, 90, 45, 30, 15]);
});

test('loads the current frame first, and then the others from coarse to fine, beginning at the start frame', () => {
  const slots = slotsOf('waiting');
  expect(nextToLoad(slots, 5, 0)).toBe(5);
  expect(nextToLoad(replace(slots, 5, 'loading'), 5, 3)).toBe(3);
  expect(nextToLoad(replace(slots, 3, 'ready'), 3, 3)).toBe(15);
});

test('skips gaps, failures and loading frames', () => {
  const slots = replace(replace(replace(slotsOf('waiting'), 0, 'failed'), 12, 'none'), 6, 'loading');
  expect(nextToLoad(slots, 0, 0)).toBe(18);
  expect(nextToLoad(slotsOf('ready'), 0, 0)).toBeUndefined();
  expect(nextToLoad([], -1, -1)).toBeUndefined();
});

function slotsOf(picture: Picture): readonly Slot[] {
  const frames = Array.from({ length: 24 }, (_, k) => ({ angle_deg: k * 15, qc: 'pass' as const, src600: `/${k}` }));
  return reduce(initialState(), { type: 'frames', frames }).slots.map((slot) => ({ ...slot, picture }));
}

function replace(slots: readonly Slot[], index: number, picture: Picture): readonly Slot[] {
  return slots.map((slot, i) => (i === index ? { ...slot, picture } : slot));
}

import { expect, test } from 'vitest';
import { concurrencyFor, LinkSpeed, previewLongSide } from './link-speed.ts';

test('measures the speed only while an upload is running', () => {
  const speed = new LinkSpeed();
  speed.begin(0);
  expect(speed.add(50_000, 100)).toBeUndefined();
  expect(speed.add(50_000, 1_000)).toBe(100_000);
  speed.pause();
  speed.begin(60_000);
  expect(speed.add(400_000, 62_000)).toBe(200_000);
});

test('sends one original at a time and smaller previews on a slow link', () => {
  expect(concurrencyFor(90_000).originals).toBe(1);
  expect(concurrencyFor(2_000_000).originals).toBe(2);
  expect(concurrencyFor(undefined, 4).originals).toBe(4);
  expect(previewLongSide(90_000)).toBe(960);
  expect(previewLongSide(2_000_000)).toBe(1600);
  expect(previewLongSide(undefined)).toBe(1280);
});

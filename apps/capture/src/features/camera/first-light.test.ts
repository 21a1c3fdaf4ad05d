import type { LocalPhoto } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import type { Light } from '../../photo/light.ts';
import { FirstLight } from './first-light.ts';

const light = (grey: number): Light => ({ red: grey, green: grey, blue: grey });
const judged = (grey: number) => ({
  verdict: 'pass' as const,
  reasons: [],
  measures: { surround_red: grey, surround_green: grey, surround_blue: grey },
});

const photo = (angle_deg: number, image_id: string, grey?: number, minute = 0) =>
  ({
    ...{ image_id, angle_deg, shot_name: null },
    captured_at: `2026-05-04T09:${String(minute).padStart(2, '0')}:00.000Z`,
    qc: grey === undefined ? null : judged(grey),
  }) as LocalPhoto;

test('later photos are compared with the first, even before it is stored, and after a restart', () => {
  const first = new FirstLight();
  expect(first.before('angle_0', [])).toBeNull();
  first.measured('angle_0', 'a', light(120));
  first.measured('angle_90', 'b', light(80));
  expect(first.before('angle_180', [])).toEqual(light(120));
  const stored = [photo(90, 'b', 80), photo(0, 'a', 120)];
  expect(new FirstLight().before('angle_180', stored)).toEqual(light(80));
});

test('the first photo is the one that was stored first, even if the clock was set back afterwards', () => {
  const stored = [photo(0, 'a', 120, 30), photo(90, 'b', 80, 10)];
  expect(new FirstLight().before('angle_180', stored)).toEqual(light(120));
  const retaken = [...stored, photo(0, 'c', 100, 20)];
  expect(new FirstLight().before('angle_180', retaken)).toEqual(light(80));
});

test('a photo whose check ended after it was stored still counts', () => {
  const first = new FirstLight();
  first.measured('angle_0', 'a', light(120));
  expect(first.before('angle_90', [photo(0, 'a')])).toEqual(light(120));
});

test('later photos are no longer compared with a first photo that was undone or taken again in better light', () => {
  const first = new FirstLight();
  first.measured('angle_0', 'dark', light(20));
  first.forget('angle_0');
  expect(first.before('angle_0', [])).toBeNull();
  first.measured('angle_0', 'dark', light(20));
  expect(first.before('angle_0', [photo(0, 'dark', 20)])).toBeNull();
  first.measured('angle_0', 'good', light(120));
  expect(first.before('angle_90', [photo(0, 'dark', 20), photo(0, 'good', 120)])).toEqual(light(120));
});

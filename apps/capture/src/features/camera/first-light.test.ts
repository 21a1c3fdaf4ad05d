import type { LocalPhoto } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import type { Light } from '../../photo/light.ts';
import type { SessionSlot } from '../session/session-slots.ts';
import { FirstLight } from './first-light.ts';

const light = (grey: number): Light => ({ red: grey, green: grey, blue: grey });
const judged = (grey: number) => ({
  verdict: 'pass' as const,
  reasons: [],
  measures: { surround_red: grey, surround_green: grey, surround_blue: grey },
});

function slot(angle: number, photo?: { id: string; minute: number; grey?: number }): SessionSlot {
  const captured_at = `2026-05-04T09:${String(photo?.minute).padStart(2, '0')}:00.000Z`;
  const qc = photo?.grey === undefined ? null : judged(photo.grey);
  return {
    key: `angle_${angle}`,
    angleDeg: angle,
    photo: photo === undefined ? null : ({ image_id: photo.id, captured_at, qc } as LocalPhoto),
  } as SessionSlot;
}

test('later photos are compared with the first, even before it is stored, and after a restart', () => {
  const first = new FirstLight();
  expect(first.before('angle_0', [slot(0), slot(90)])).toBeNull();
  first.measured('angle_0', 'a', light(120));
  first.measured('angle_90', 'b', light(80));
  expect(first.before('angle_180', [slot(0), slot(90)])).toEqual(light(120));
  const stored = [slot(0, { id: 'a', minute: 2, grey: 120 }), slot(90, { id: 'b', minute: 1, grey: 80 })];
  expect(new FirstLight().before('angle_180', stored)).toEqual(light(80));
});

test('a photo whose check ended after it was stored still counts', () => {
  const first = new FirstLight();
  first.measured('angle_0', 'a', light(120));
  expect(first.before('angle_90', [slot(0, { id: 'a', minute: 1 }), slot(90)])).toEqual(light(120));
});

test('a first photo that is undone or taken again in better light is no longer compared with', () => {
  const first = new FirstLight();
  first.measured('angle_0', 'dark', light(20));
  first.forget('angle_0');
  expect(first.before('angle_0', [slot(0), slot(90)])).toBeNull();
  first.measured('angle_0', 'dark', light(20));
  expect(first.before('angle_0', [slot(0, { id: 'dark', minute: 1, grey: 20 }), slot(90)])).toBeNull();
  first.measured('angle_0', 'good', light(120));
  const retaken = [slot(0, { id: 'good', minute: 2, grey: 120 }), slot(90)];
  expect(first.before('angle_90', retaken)).toEqual(light(120));
});

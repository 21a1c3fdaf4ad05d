import type { LocalPhoto } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import { de } from '../../texts/de.ts';
import { isTaken, lastStored, nextOpenSlot, slotsOfSession } from './session-slots.ts';
import { slotName } from './slot-name.ts';

const photo = (over: Partial<LocalPhoto>): LocalPhoto => ({
  image_id: 'i',
  session_id: 's',
  angle_deg: null,
  shot_name: null,
  captured_at: '2026-05-04T09:30:00.000Z',
  content_type: 'image/jpeg',
  qc: null,
  size_bytes: 1,
  upload: { state: 'waiting' },
  visible: false,
  has_original: true,
  has_preview: true,
  ...over,
});

test('a slot has its newest photo, even if the clock was set back three days, or the frame of another device', () => {
  const photos = [
    photo({ image_id: 'old', angle_deg: 90 }),
    photo({ image_id: 'new', angle_deg: 90, captured_at: '2026-05-01T09:31:00.000Z' }),
  ];
  const remote = new Map([['angle_180', { imageId: 'r', verdict: 'pass' as const, thumbUrl: null }]]);
  const slots = slotsOfSession({ shot_list: { studio360: { frame_count: 4 } }, photos }, remote);
  expect(slots.map((slot) => slot.photo?.image_id ?? slot.remote?.imageId ?? null)).toEqual([null, 'new', 'r', null]);
  expect(slots.map(isTaken)).toEqual([false, true, true, false]);
});

test('only a photo of this device can be undone: the one that was stored last', () => {
  const shot_list = { studio360: { frame_count: 4 as const } };
  const remote = new Map([['angle_180', { imageId: 'r', verdict: 'pass' as const, thumbUrl: null }]]);
  const lastOf = (...photos: LocalPhoto[]) => lastStored({ photos }, slotsOfSession({ shot_list, photos }, remote));
  expect(lastOf()).toBeNull();
  const stored = [photo({ image_id: 'a', angle_deg: 90 }), photo({ image_id: 'b', angle_deg: 0 })];
  expect(lastOf(...stored)).toEqual({ imageId: 'b', slot: 'angle_0' });
});

test('the next slot is the next open one around the circle; a slot whose photo is being saved is not open', () => {
  const photos = [photo({ angle_deg: 180 })];
  const slots = slotsOfSession({ shot_list: { studio360: { frame_count: 4 } }, photos }, new Map());
  expect(nextOpenSlot(slots, 'angle_90', new Set(['angle_90']))).toBe('angle_270');
  expect(nextOpenSlot(slots, 'angle_270', new Set(['angle_270']))).toBe('angle_0');
  expect(nextOpenSlot(slots, 'angle_0', new Set(['angle_0', 'angle_90', 'angle_270']))).toBeNull();
});

test('a shot is called by the label of its list, or else by its name in the language of the operator', () => {
  const stills = [
    { name: 'boot', required: true },
    { name: 'heckklappe_geoeffnet', label: 'Heckklappe geöffnet', required: false },
    { name: 'service_book', required: false },
    { name: 'left', label: 'Left, doors open', required: true },
  ];
  const slots = slotsOfSession({ shot_list: { stills }, photos: [] }, new Map());
  expect(slots.map((slot) => slotName(slot, de))).toEqual([
    'Kofferraum',
    'Heckklappe geöffnet',
    'service book',
    'Left, doors open',
  ]);
  expect(slots.map(({ required }) => required)).toEqual([true, false, false, true]);
});

test('stills are in the order of their list and are marked as required or optional', () => {
  const shot_list = {
    stills: [
      { name: 'front', required: true },
      { name: 'boot', required: false },
    ],
  };
  const slots = slotsOfSession({ shot_list, photos: [photo({ shot_name: 'boot' })] }, new Map());
  expect(slots.map(({ key, required, photo }) => [key, required, photo !== null])).toEqual([
    ['shot_front', true, false],
    ['shot_boot', false, true],
  ]);
});

import { defaultShotList, type Slot, slotKey } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import { fitSession } from './fit-session.ts';
import { planSlots } from './plan-slots.ts';

const spin = defaultShotList('studio360');
const numbers = Array.from({ length: 24 }, (_, k) => `IMG_${k + 1}.JPG`);

/** The photos of a folder. The digest of a file is its name unless stated otherwise. */
const photosOf = (files: string[], bytes: Record<string, string> = {}, mode: 'studio360' | 'stills' = 'studio360') =>
  planSlots(files, mode).slots.map((slot) => ({ ...slot, sha256: bytes[slot.file] ?? slot.file }));
/** The photos that an earlier run of this folder sent. */
const sent = (files: string[], mode: 'studio360' | 'stills' = 'studio360') =>
  new Map<string, Slot>(photosOf(files, {}, mode).map(({ sha256, slot }) => [sha256, slot]));
const keys = (slots: readonly (Slot | null)[]) => slots.map((slot) => slot && slotKey(slot));

test('an unchanged folder fits', () => {
  const photos = photosOf(numbers);
  const { changes, kept } = fitSession(photos, spin, sent(numbers));
  expect(changes).toEqual([]);
  expect(kept).toEqual(photos.map(({ slot }) => slot));
});

test('photos added at the end fit, and so does a reshot photo with the same name', () => {
  const photos = photosOf(numbers, { 'IMG_7.JPG': 'shot again' });
  const { changes, kept } = fitSession(photos, spin, sent(numbers.slice(0, 10)));
  expect(changes).toEqual([]);
  expect(keys(kept)[6]).toBe('angle_90');
});

test('if a photo is inserted in the middle, the later photos keep their slots, and it gets the free one', () => {
  const late = numbers.toSpliced(10, 1);
  const { changes, kept } = fitSession(photosOf(numbers), spin, sent(late));
  expect(changes).toHaveLength(14);
  expect(changes[0]).toEqual({
    file: 'IMG_11.JPG',
    what: 'is new; its slot angle_150 belongs to IMG_12.JPG',
    isNew: true,
  });
  expect(changes[1]).toEqual({
    file: 'IMG_12.JPG',
    what: 'was sent as angle_150; its slot is now angle_165',
    isNew: false,
  });
  expect(keys(kept).slice(9, 13)).toEqual(['angle_135', 'angle_345', 'angle_150', 'angle_165']);
  expect(new Set(keys(kept)).size).toBe(24);
});

test('if a bad photo was deleted and shot again at the end, the new one takes its slot', () => {
  const files = [...numbers.slice(1), 'IMG_25.JPG'];
  const { changes, kept } = fitSession(photosOf(files), spin, sent(numbers));
  expect(changes).toHaveLength(24);
  expect(keys(kept)).toEqual([...Array.from({ length: 23 }, (_, k) => `angle_${(k + 1) * 15}`), 'angle_0']);
});

test('a photo named after a slot never takes another slot', () => {
  const angles = photosOf(['angle_000.jpg', 'angle_005.jpg']);
  expect(fitSession(angles, spin, new Map())).toEqual({
    changes: [{ file: 'angle_005.jpg', what: 'is new; the session has no slot angle_5', isNew: true }],
    kept: [angles[0]?.slot, null],
  });
  const stills = photosOf(['front.jpg', 'rear.jpg'], {}, 'stills');
  const { shotList } = planSlots(['front.jpg', 'left.jpg'], 'stills');
  const { changes, kept } = fitSession(stills, shotList, sent(['front.jpg', 'left.jpg'], 'stills'));
  expect([changes.length, keys(kept)]).toEqual([1, ['shot_front', null]]);
});

test('photos are left out if the session has fewer slots than the folder has photos', () => {
  const many = Array.from({ length: 36 }, (_, k) => `IMG_${k + 1}.JPG`);
  const { changes, kept } = fitSession(photosOf(many), spin, sent(numbers));
  expect(changes.length).toBeGreaterThan(24);
  expect(kept.slice(24)).toEqual(Array(12).fill(null));
});

test('an unreadable file keeps its place', () => {
  const photos = photosOf(numbers).map((photo, k) => (k === 3 ? { ...photo, sha256: null } : photo));
  expect(keys(fitSession(photos, spin, sent(numbers)).kept)[3]).toBe('angle_45');
});

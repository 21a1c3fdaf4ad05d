import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultShotList, ShotList, slotFromFileName, slotKey, slotsOf } from './shot-list.ts';

describe('the slot in a file name', () => {
  const angle = (angle_deg: number) => ({ angle_deg, shot_name: null });
  const shot = (shot_name: string) => ({ angle_deg: null, shot_name });
  const none = { angle_deg: null, shot_name: null };
  test.each([
    ['angle_015.jpg', angle(15)],
    ['angle_0.jpg', angle(0)],
    ['angle_345.HEIC', angle(345)],
    ['ANGLE_030.JPG', angle(30)],
    ['angle_7.5.jpg', angle(7.5)],
    ['angle_360.jpg', none],
    ['angle_999.jpg', none],
    ['angle_-15.jpg', none],
    ['angle_1e2.jpg', none],
    ['angle_.jpg', none],
    ['shot_front_left.jpg', shot('front_left')],
    ['Shot_Front_Left.jpg', shot('front_left')],
    ['shot_.jpg', none],
    ['shot_front left.jpg', none],
    ['shot_../../etc/passwd.jpg', none],
    [`shot_${'a'.repeat(65)}.jpg`, none],
    ['IMG_0042.jpg', none],
    ['', none],
    ['.jpg', none],
  ])('%s', (name, slot) => expect(slotFromFileName(name)).toEqual(slot));

  test('every file name gives a valid slot or none', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'angle_', 'shot_'), (name, start) => {
        const slot = slotFromFileName(start + name);
        expect(slot.angle_deg === null || (slot.angle_deg >= 0 && slot.angle_deg < 360)).toBe(true);
        expect(slot.angle_deg === null || slot.shot_name === null).toBe(true);
      }),
    );
  });
});

describe('slots', () => {
  test('24 frames are 15 degrees apart, starting at the front', () => {
    const angles = slotsOf(defaultShotList('studio360')).map((slot) => slot.angle_deg);
    expect(angles).toEqual(Array.from({ length: 24 }, (_, k) => k * 15));
  });

  test('angles come first, then the shots in the order of the list', () => {
    const slots = slotsOf({
      studio360: { frame_count: 2 },
      stills: [
        { name: 'odometer', required: true },
        { name: 'boot', required: false },
      ],
    });
    expect(slots.map(slotKey)).toEqual(['angle_0', 'angle_180', 'shot_odometer', 'shot_boot']);
  });

  test('every slot has a different key, and so has a frame without a slot', () => {
    const keys = [
      ...slotsOf({ studio360: { frame_count: 360 } }),
      ...slotsOf(defaultShotList('stills')),
      { angle_deg: null, shot_name: null },
    ].map(slotKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.at(-1)).toBe('none');
  });

  test('the preset of stills is a valid list with required and optional shots', () => {
    const list = ShotList.parse(defaultShotList('stills'));
    expect(new Set(list.stills?.map((s) => s.required))).toEqual(new Set([true, false]));
  });
});

describe('a shot list', () => {
  const accepts = (list: unknown) => ShotList.safeParse(list).success;

  test.each([1, 2, 3, 4, 8, 12, 24, 36, 72, 120, 360])('may have %d frames', (frame_count) =>
    expect(accepts({ studio360: { frame_count } })).toBe(true),
  );
  test.each([0, -24, 7, 23, 25, 361, 720, 24.5, Number.NaN, Number.POSITIVE_INFINITY, '24', null])(
    'may not have %s frames',
    (frame_count) => expect(accepts({ studio360: { frame_count } })).toBe(false),
  );
  test('a still is required by default', () => {
    expect(ShotList.parse({ stills: [{ name: 'front' }] })).toEqual({ stills: [{ name: 'front', required: true }] });
  });
  test.each([
    ['no shot', { stills: [] }],
    ['a shot twice', { stills: [{ name: 'front' }, { name: 'front' }] }],
    ['a name with a space', { stills: [{ name: 'front left' }] }],
    ['a name with a capital', { stills: [{ name: 'Front' }] }],
    ['a path as a name', { stills: [{ name: '../front' }] }],
    ['a name of 65 letters', { stills: [{ name: 'a'.repeat(65) }] }],
    ['201 shots', { stills: Array.from({ length: 201 }, (_, k) => ({ name: `s${k}` })) }],
    ['text', 'studio360'],
    ['nothing', null],
  ])('is refused with %s', (_, list) => expect(accepts(list)).toBe(false));
});

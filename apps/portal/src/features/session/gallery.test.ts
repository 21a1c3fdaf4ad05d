import { ShotList } from '@spinbay/contracts';
import { describe, expect, it } from 'vitest';
import { framesOf, indexOfFrame, slotLabel } from './frames.ts';
import { buildGallery, withLabels } from './gallery.ts';
import { frame, id } from './testing.ts';

const spin = ShotList.parse({ studio360: { frame_count: 24 } });
const failedQc = {
  sharpness: { score: 40, status: 'fail' },
  exposure: { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 128 },
};
const slotOf = (gallery: ReturnType<typeof buildGallery>, key: string) => gallery.slots.find((s) => s.key === key);

describe('buildGallery', () => {
  it('shows all slots of the shot list in order, with or without a frame', () => {
    const gallery = buildGallery(spin, [frame(2, { angle_deg: 345 }), frame(1, { angle_deg: 15 })]);
    expect(gallery.slots.map((slot) => slot.key)).toEqual(Array.from({ length: 24 }, (_, k) => `angle_${k * 15}`));
    expect(gallery.slots.filter((slot) => slot.status !== 'missing').map((slot) => slot.key)).toEqual([
      'angle_15',
      'angle_345',
    ]);
    expect(gallery.counts).toMatchObject({ expected: 24, arrived: 2, missing: 22, pass: 2 });
  });

  it('shows the newest good frame of a slot, and keeps the others as takes, newest first', () => {
    const frames = [
      frame(1, { angle_deg: 30, superseded: true }),
      frame(2, { angle_deg: 30, status: 'failed', superseded: true }),
      frame(3, { angle_deg: 30, status: 'published' }),
      frame(4, { angle_deg: 30, status: 'failed' }),
    ];
    const gallery = buildGallery(spin, frames);
    expect(slotOf(gallery, 'angle_30')?.image?.id).toBe(id(3));
    expect(gallery.takes.map((take) => take.id)).toEqual([id(4), id(2), id(1)]);
    expect(gallery.counts).toMatchObject({ arrived: 1, published: 1, fail: 0 });
  });

  it('prefers a frame with a known status to one with a status of a later release', () => {
    const known = frame(1, { angle_deg: 0, status: 'failed' });
    const later = { ...frame(2, { angle_deg: 0 }), status: 'quarantined' as 'processed' };
    expect(slotOf(buildGallery(spin, [later, known]), 'angle_0')?.image?.id).toBe(id(1));
    expect(slotOf(buildGallery(spin, [later]), 'angle_0')?.status).toBe('quarantined');
  });

  it('prefers arrived frames to expected ones, and those to expired ones', () => {
    const failed = frame(1, { angle_deg: 0, status: 'failed' });
    const pending = frame(2, { angle_deg: 0, status: 'pending' });
    const expired = frame(3, { angle_deg: 0, status: 'expired' });
    const retake = slotOf(buildGallery(spin, [failed, pending, expired]), 'angle_0');
    expect(retake).toMatchObject({ status: 'failed', retakeComing: true });
    expect(slotOf(buildGallery(spin, [expired, pending]), 'angle_0')).toMatchObject({
      status: 'pending',
      retakeComing: false,
    });
    expect(slotOf(buildGallery(spin, [expired]), 'angle_0')?.status).toBe('expired');
  });

  it('keeps frames without a slot, oldest first', () => {
    const gallery = buildGallery(spin, [
      frame(5),
      frame(3, { angle_deg: 7 }),
      frame(4, { shot_name: 'boot' }),
      frame(1, { angle_deg: 0 }),
    ]);
    expect(gallery.outside.map((image) => image.id)).toEqual([id(3), id(4), id(5)]);
    expect(gallery.counts.arrived).toBe(1);
  });

  it('counts extra photos with the verdicts, and a failed frame that was published as published', () => {
    const gallery = buildGallery(spin, [
      frame(1, { angle_deg: 0 }),
      frame(2),
      frame(3, { angle_deg: 15, status: 'failed' }),
      frame(4, { angle_deg: 30, status: 'published', override: true, qc: failedQc }),
    ]);
    expect(gallery.counts).toMatchObject({ arrived: 3, pass: 2, warn: 0, fail: 1, published: 1 });
  });

  it('knows which stills are optional', () => {
    const stills = ShotList.parse({ stills: [{ name: 'front' }, { name: 'boot', required: false }] });
    const gallery = buildGallery(stills, [frame(1, { shot_name: 'front' })]);
    expect(gallery.slots.map(({ key, required, status }) => [key, required, status])).toEqual([
      ['shot_front', true, 'processed'],
      ['shot_boot', false, 'missing'],
    ]);
  });
});

describe('framesOf', () => {
  it('names frames with a picture like the address: slots by their key, others by id', () => {
    const gallery = buildGallery(spin, [
      frame(1, { angle_deg: 15, superseded: true }),
      frame(2, { angle_deg: 15 }),
      frame(3, { angle_deg: 30, status: 'pending' }),
      frame(4),
    ]);
    expect(framesOf(gallery, false).map((f) => f.key)).toEqual(['angle_15', id(4)]);
    expect(framesOf(gallery, true).map((f) => f.key)).toEqual(['angle_15', id(4), id(1)]);
  });

  it('finds a frame by its slot or by its id', () => {
    const frames = framesOf(buildGallery(spin, [frame(2, { angle_deg: 15 }), frame(4)]), false);
    expect(['angle_15', id(2), id(4), id(9), null].map((name) => indexOfFrame(frames, name))).toEqual([
      0, 0, 1, -1, -1,
    ]);
  });

  it('labels slots for people', () => {
    expect(slotLabel({ angle_deg: 0, shot_name: null })).toBe('0°');
    expect(slotLabel({ angle_deg: null, shot_name: 'front_left' })).toBe('Front left');
    expect(slotLabel({ angle_deg: null, shot_name: null })).toBe('Extra photo');
  });

  it('labels slots and frames like the shot list of the organization', () => {
    const list = {
      stills: [
        { name: 'leiter_aussen', label: 'Leiter außen', required: true },
        { name: 'front', required: true },
      ],
    };
    const frames = withLabels(list, [frame(1, { shot_name: 'leiter_aussen' }), frame(2, { shot_name: 'front' })]);
    const gallery = buildGallery(list, frames);
    expect(gallery.slots.map(({ slot }) => slotLabel(slot))).toEqual(['Leiter außen', 'Front']);
    expect(framesOf(gallery, false).map(({ image }) => slotLabel(image))).toEqual(['Leiter außen', 'Front']);
  });
});

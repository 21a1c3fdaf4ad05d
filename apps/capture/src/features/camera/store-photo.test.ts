import type { LocalEvent, NewPhoto } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import type { PhotoMeasures, Shot } from '../../platform/camera.ts';
import type { Picture } from '../../platform/picture.ts';
import { storePhoto } from './store-photo.ts';

const picture = (size: number): Picture => ({ size });
const capturedAt = new Date('2026-05-04T09:30:00.000Z');
const shot = (over: Partial<Shot> = {}): Shot => ({
  capturedAt,
  photo: Promise.resolve({ original: picture(3), preview: picture(1), width: 4032, height: 3024 }),
  burst: Promise.resolve(null),
  measures: Promise.resolve({} as PhotoMeasures),
  ...over,
});
const slot = {
  key: 'angle_90',
  angleDeg: 90,
  shotName: null,
  label: null,
  required: true,
  photo: null,
  remote: null,
};

function outbox({ full = false } = {}) {
  const photos: NewPhoto<Picture>[] = [];
  const events: LocalEvent[] = [];
  return {
    photos,
    events,
    addPhoto: async (photo: NewPhoto<Picture>) => void photos.push(photo),
    addEvent: async (event: LocalEvent) => {
      if (full) throw new Error('no room');
      events.push(event);
    },
  };
}
const judge = () => ({ verdict: 'warn' as const, reasons: ['dark'] });
const photo = { imageId: 'i', sessionId: 's', slot };

test('a photo is stored with its slot, time and verdict, and its event has the scores of the burst', async () => {
  const on = outbox();
  const burst = Promise.resolve({ best: 1, widths: [2.4, 1.2, null] });
  const frame = await storePhoto(on, { ...photo, shot: shot({ burst }), judge });
  expect(frame).toEqual({ taken: 2, of: 3 });
  expect(on.photos).toEqual([
    expect.objectContaining({ image_id: 'i', session_id: 's', angle_deg: 90, captured_at: capturedAt.toISOString() }),
  ]);
  expect(on.photos[0]?.qc).toEqual({ verdict: 'warn', reasons: ['dark'] });
  expect(on.events[0]?.meta).toMatchObject({ slot: 'angle_90', verdict: 'warn', burst_edge_widths: [2.4, 1.2, null] });
});

test('a photo does not wait for its check', async () => {
  const on = outbox();
  await storePhoto(on, { ...photo, shot: shot({ measures: new Promise(() => undefined) }), judge });
  expect(on.photos[0]?.qc).toBeUndefined();
});

test('a stored photo counts as stored even if there is no storage left for its event', async () => {
  const on = outbox({ full: true });
  expect(await storePhoto(on, { ...photo, shot: shot(), judge })).toBeNull();
  expect(on.photos).toHaveLength(1);
});

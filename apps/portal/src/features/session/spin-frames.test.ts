import { defaultQcThresholds } from '@spinbay/contracts';
import { describe, expect, it } from 'vitest';
import { buildGallery } from './gallery.ts';
import { originalIsShowable, spinFrames } from './spin-frames.ts';
import { frame, id } from './testing.ts';

const thresholds = defaultQcThresholds;
const original = async () => '/original';
const shotList = { studio360: { frame_count: 6 }, stills: [{ name: 'dashboard', required: true }] };

describe('spinFrames', () => {
  const gallery = buildGallery(shotList, [
    frame(1, { angle_deg: 0 }),
    frame(2, { angle_deg: 60, status: 'pending' }),
    frame(3, { angle_deg: 120, status: 'expired' }),
    frame(4, { angle_deg: 180, status: 'failed', qc: null, thumb_urls: null }),
    frame(5, { angle_deg: 240, status: 'published', storage_key: 'x.HEIC' }),
    frame(6, { shot_name: 'dashboard' }),
  ]);

  it('are the angles with gaps, without stills', () => {
    const frames = spinFrames(gallery, { thresholds, retries: new Map(), original });
    expect(frames.map(({ angle_deg, qc, src600 }) => [angle_deg, qc, src600])).toEqual([
      [0, 'pass', '/600/1'],
      [60, 'pending', undefined],
      [120, 'missing', undefined],
      [180, 'fail', undefined],
      [240, 'pass', '/600/5'],
      [300, 'missing', undefined],
    ]);
    expect(frames.map(({ label }) => label)).toEqual([
      '',
      '',
      'Upload never arrived',
      'it could not be measured',
      '',
      undefined,
    ]);
    expect(frames.map((one) => typeof one.original)).toEqual([
      'function',
      'undefined',
      'undefined',
      'undefined',
      'undefined',
      'undefined',
    ]);
  });

  it('give a failed picture a different URL of the same object', () => {
    const [first, , , , fifth] = spinFrames(gallery, { thresholds, retries: new Map([[id(1), 2]]), original });
    expect([first?.src600, first?.src1200, first?.id]).toEqual(['/600/1#2', '/1200/1#2', id(1)]);
    expect(fifth?.src600).toBe('/600/5');
  });
});

it('zooms into originals that every browser can show', () => {
  expect(originalIsShowable(frame(1, { storage_key: 'a/b.jpg' }))).toBe(true);
  expect(originalIsShowable(frame(1, { storage_key: 'a/b.heic' }))).toBe(false);
  expect(originalIsShowable(frame(1, { status: 'pending' }))).toBe(false);
});

import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame } from '@spinbay/sample-spin';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { capturedByOf, readPhoto } from './read-photo.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-photo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A photo with this capture time in its EXIF data. */
async function photo(takenAt: string): Promise<string> {
  const path = join(folder, 'a.jpg');
  await writeFile(path, await encodeFrame({ data: Buffer.alloc(192, 99), width: 8, height: 8 }, new Date(takenAt)));
  await utimes(path, new Date(), new Date());
  return path;
}

test('the capture time is that of the camera, with its offset', async () => {
  const facts = await readPhoto(await photo('2019-05-04T09:30:00.250Z'));
  expect(facts).toMatchObject({ capturedAt: new Date('2019-05-04T09:30:00.250Z') });
});

test.each(['1980-01-01T00:00:00Z', '2099-01-01T00:00:00Z'])(
  'an implausible camera clock (%s) gives no capture time',
  async (time) => {
    expect(await readPhoto(await photo(time))).toMatchObject({ capturedAt: null });
  },
);

test('a file without EXIF has no capture time, because the time of the file is not that of the photo', async () => {
  const path = join(folder, 'b.jpg');
  await writeFile(path, 'no picture');
  expect(await readPhoto(path)).toMatchObject({ size: 10, capturedAt: null });
});

test('an empty file and a missing file are refused with a reason', async () => {
  const path = join(folder, 'c.jpg');
  await writeFile(path, '');
  expect(await readPhoto(path)).toEqual({ refused: expect.stringMatching(/is empty/) });
  expect(await readPhoto(join(folder, 'no'))).toEqual({ refused: 'cannot be read (ENOENT).' });
});

test('a folder with a photo taken long before its first run is an import', () => {
  const began = Date.parse('2026-05-04T09:30:00Z');
  const minutesBefore = (minutes: number) => new Date(began - minutes * 60_000);
  expect(capturedByOf([minutesBefore(2), minutesBefore(-1)], began)).toBe('camera');
  expect(capturedByOf([], began)).toBe('camera');
  expect(capturedByOf([minutesBefore(2), minutesBefore(61)], began)).toBe('import');
});

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { exifOf } from './file.ts';
import { codedTiles } from './heic/test-coded-tiles.ts';
import { heif } from './heic/test-heif.ts';

const taken = { DateTimeOriginal: '2026:03:01 09:30:00', OffsetTimeOriginal: '+01:00' };

test('reads the capture time of a JPEG and a HEIC without decoding them', async () => {
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .withExif({ IFD2: taken })
    .jpeg()
    .toBuffer();
  const { exif } = await sharp(jpeg).metadata();
  expect(exifOf(jpeg).taken_at).toBe('2026-03-01T09:30:00+01:00');
  // An EXIF item begins with the offset of its TIFF header. `heif` writes this offset.
  const heic = heif({ tile: codedTiles.full, exif: exif?.subarray(6) ?? Buffer.alloc(0) });
  expect(exifOf(heic).taken_at).toBe('2026-03-01T09:30:00+01:00');
});

test('finds no time in a damaged photo or another kind of file', () => {
  const heic = heif({ tile: codedTiles.full });
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('text'),
    Buffer.from('ffd8ffe100', 'hex'),
    heic,
    heic.subarray(0, 60),
  ])
    expect(exifOf(bytes).taken_at).toBeNull();
});

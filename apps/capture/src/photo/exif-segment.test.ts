import sharp from 'sharp';
import { expect, test } from 'vitest';
import { exifSegment } from './exif-segment.ts';

test('a JPEG with the segment after its first two bytes has this capture time and no rotation', async () => {
  const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  const segment = exifSegment({ dateTime: '2026:05:04 09:30:00', offset: '+02:00', milliseconds: '042' });
  const { orientation, exif, width } = await sharp(
    Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]),
  ).metadata();
  expect([orientation, width]).toEqual([1, 8]);
  const text = exif?.toString('latin1') ?? '';
  for (const part of ['2026:05:04 09:30:00', '+02:00', 'Spinbay Capture']) expect(text).toContain(part);
  expect(text).toContain('042');
});

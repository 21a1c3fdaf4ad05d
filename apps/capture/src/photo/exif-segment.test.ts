import sharp from 'sharp';
import { expect, test } from 'vitest';
import { exifSegment, takenAt } from './exif-segment.ts';

test('the segment gives a JPEG the capture time and no rotation', async () => {
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

test('a time is written as the wall clock shows it, with its offset from UTC', () => {
  const time = new Date(2026, 4, 4, 9, 30, 0, 42);
  const { dateTime, offset, milliseconds } = takenAt(time);
  expect([dateTime, milliseconds]).toEqual(['2026:05:04 09:30:00', '042']);
  expect(new Date(`2026-05-04T09:30:00.042${offset}`)).toEqual(time);
});

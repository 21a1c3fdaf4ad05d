import { measureQuality } from '@spinbay/imaging/kernels';
import type { PixelFormat, RawPixelData } from 'react-native-nitro-image';
import { Measurer } from './measurer';
import { greyOf, rgbOf } from './pixels';

function picture(width: number, height: number, pixelFormat: PixelFormat = 'RGBA', padding = 0): RawPixelData {
  const data = new Uint8Array(height * (width * 4 + padding));
  let state = width * 31 + height;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { buffer: data.buffer, width, height, pixelFormat };
}

test('the app measures the same values as the worker', async () => {
  const pixels = picture(400, 300);
  const { reduced: _, ...due } = measureQuality(rgbOf(pixels));
  expect(await new Measurer().measure(pixels)).toMatchObject(due);
});

test('the screen can respond while a photo is measured', async () => {
  let pauses = 0;
  let time = 0;
  const pause = async () => void pauses++;
  // Each reading of the clock is past the end of the slice.
  const measurer = new Measurer(pause, () => (time += 100));
  await measurer.measure(picture(400, 300));
  expect(pauses).toBeGreaterThan(50);
});

test('while one photo is measured, only the newest waits, and the ones before it are not measured', async () => {
  const measurer = new Measurer();
  const [first, second, third] = await Promise.all([1, 2, 3].map((n) => measurer.measure(picture(40 + n, 30))));
  expect([first === null, second, third === null]).toEqual([false, null, false]);
});

test('a picture that cannot be read fails with the reason, and the next one is measured', async () => {
  const measurer = new Measurer();
  await expect(measurer.measure(picture(40, 30, 'unknown'))).rejects.toThrow('unknown');
  await expect(measurer.measure({ ...picture(40, 30), height: 300 })).rejects.toThrow();
  expect(await measurer.measure(picture(40, 30))).not.toBeNull();
});

test.each<[PixelFormat, number[]]>([
  ['RGBA', [1, 2, 3, 0]],
  ['BGRA', [3, 2, 1, 0]],
  ['ARGB', [0, 1, 2, 3]],
  ['ABGR', [0, 3, 2, 1]],
])('colours are right in the byte order %s', (pixelFormat, bytes) => {
  const raw = { buffer: new Uint8Array(bytes).buffer, width: 1, height: 1, pixelFormat };
  expect([...rgbOf(raw).data]).toEqual([1, 2, 3]);
});

test('padding at the end of rows is skipped', () => {
  const data = new Uint8Array([9, 9, 9, 0, 7, 7, 7, 7, 9, 9, 9, 0, 7, 7, 7, 7]);
  const raw: RawPixelData = { buffer: data.buffer, width: 1, height: 2, pixelFormat: 'RGBA' };
  expect([...greyOf(raw).data]).toEqual([9, 9]);
});

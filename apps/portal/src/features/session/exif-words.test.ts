import type { Exif } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { exifLine, placeWords } from './exif-words.ts';

const nothing: Exif = {
  iso: null,
  shutter_s: null,
  aperture_f: null,
  focal_length_mm: null,
  taken_at: null,
  orientation: null,
  make: null,
  model: null,
};
const spaced = (line: string) => line.replaceAll('\u00a0', ' ');

it('formats the EXIF data as one line', () => {
  const exif = { ...nothing, make: 'Apple', model: 'iPhone 13', iso: 100, shutter_s: 0.008, aperture_f: 1.8 };
  expect(spaced(exifLine({ ...exif, focal_length_mm: 5.7 }))).toBe(
    'Apple iPhone 13 · 5.7 mm · f/1.8 · 1/125 s · ISO 100',
  );
});

it('leaves out unknown values and does not repeat the make', () => {
  expect(exifLine(nothing)).toBe('');
  expect(exifLine({ ...nothing, make: 'Canon', model: 'Canon EOS R6' })).toBe('Canon EOS R6');
  expect(spaced(exifLine({ ...nothing, shutter_s: 0.5, aperture_f: 8 }))).toBe('f/8 · 0.5 s');
  expect(exifLine({ ...nothing, shutter_s: 0 })).toBe('');
});

it('formats a GPS position for maps', () => {
  expect(placeWords({ lat: -33.856_784_1, lon: 151.215_297 })).toBe('-33.85678, 151.21530');
});

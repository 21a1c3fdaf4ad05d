import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noExif, readExif } from './exif.ts';

type Value = { ascii: string } | { short: number } | { long: number } | { rational: [number, number] };

/** A TIFF block with a main directory, an EXIF directory and a GPS directory, in either byte order. */
function tiff(main: Record<number, Value>, photo: Record<number, Value>, little = true): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  let free = 1024;
  const directory = (at: number, values: Record<number, Value>) => {
    const entries = Object.entries(values);
    view.setUint16(at, entries.length, little);
    entries.forEach(([name, value], index) => {
      const entry = at + 2 + index * 12;
      view.setUint16(entry, Number(name), little);
      if ('short' in value) {
        view.setUint16(entry + 2, 3, little);
        view.setUint32(entry + 4, 1, little);
        view.setUint16(entry + 8, value.short, little);
      } else if ('long' in value) {
        view.setUint16(entry + 2, 4, little);
        view.setUint32(entry + 4, 1, little);
        view.setUint32(entry + 8, value.long, little);
      } else if ('rational' in value) {
        view.setUint16(entry + 2, 5, little);
        view.setUint32(entry + 4, 1, little);
        view.setUint32(entry + 8, free, little);
        view.setUint32(free, value.rational[0], little);
        view.setUint32(free + 4, value.rational[1], little);
        free += 8;
      } else {
        const text = new TextEncoder().encode(`${value.ascii}\0`);
        view.setUint16(entry + 2, 2, little);
        view.setUint32(entry + 4, text.length, little);
        bytes.set(text, text.length <= 4 ? entry + 8 : free);
        if (text.length > 4) view.setUint32(entry + 8, free, little);
        free += text.length;
      }
    });
  };
  directory(8, { ...main, 34665: { long: 256 }, 34853: { long: 512 } });
  directory(256, photo);
  directory(512, { 1: { ascii: 'N' }, 2: { rational: [52, 1] } });
  return bytes;
}

const main = { 271: { ascii: 'Spinbay' }, 272: { ascii: 'Käfer 1' }, 274: { short: 6 } };
const photo = {
  33434: { rational: [1, 125] },
  33437: { rational: [28, 10] },
  34855: { short: 200 },
  36867: { ascii: '2026:03:01 09:30:00' },
  36881: { ascii: '+01:00' },
  37386: { rational: [50, 1] },
} satisfies Record<number, Value>;

describe('readExif', () => {
  it('reads the fields in both byte orders, and nothing of the GPS directory', () => {
    for (const little of [true, false]) {
      expect(readExif(tiff(main, photo, little))).toEqual({
        iso: 200,
        shutter_s: 1 / 125,
        aperture_f: 2.8,
        focal_length_mm: 50,
        taken_at: '2026-03-01T09:30:00+01:00',
        orientation: 6,
        make: 'Spinbay',
        model: 'Käfer 1',
      });
    }
  });

  it('leaves the offset out when the camera wrote none, and refuses times that do not exist', () => {
    const takenAt = (text: string, offset = '') =>
      readExif(tiff({}, { 36867: { ascii: text }, 36881: { ascii: offset } })).taken_at;
    expect(takenAt('2026:03:01 09:30:00')).toBe('2026-03-01T09:30:00');
    expect(takenAt('2026:03:01 09:30:00', 'nonsense')).toBe('2026-03-01T09:30:00');
    expect(takenAt('2026:03:01 09:30:00', '-05:30')).toBe('2026-03-01T09:30:00-05:30');
    for (const none of [
      '0000:00:00 00:00:00',
      '2026:02:31 09:30:00',
      '2026:03:01 25:00:00',
      '    :  :     :  :  ',
      '',
    ]) {
      expect(takenAt(none)).toBeNull();
    }
  });

  it('makes null of zero, infinite and out-of-range values', () => {
    const odd = tiff(
      { 274: { short: 9 }, 271: { ascii: ' \u0001 ' } },
      { 33434: { rational: [1, 0] }, 33437: { rational: [0, 0] }, 34855: { short: 0 } },
    );
    expect(readExif(odd)).toEqual(noExif);
  });

  it('takes the long ISO where the short one is full', () => {
    expect(readExif(tiff({}, { 34855: { short: 65_535 }, 34866: { long: 102_400 } })).iso).toBe(102_400);
  });

  it('never throws, whatever the bytes are', () => {
    const good = tiff(main, photo);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 40 }),
        fc.nat(good.length),
        (damage, length) => {
          const bytes = good.slice(0, length);
          for (const [at, value] of damage) if (at < bytes.length) bytes[at] = value;
          readExif(bytes);
        },
      ),
      { numRuns: 3000 },
    );
    expect(readExif(new Uint8Array(0))).toEqual(noExif);
    expect(readExif(good.slice(0, 7))).toEqual(noExif);
  });
});

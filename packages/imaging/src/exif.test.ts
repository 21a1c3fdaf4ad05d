import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noExif, readExif, withPlausibleTime } from './exif.ts';

type Value = { ascii: string } | { short: number } | { long: number } | { rational: readonly number[] };

/** Roughly the Brandenburg Gate. */
const place: Record<number, Value> = {
  1: { ascii: 'N' },
  2: { rational: [52, 1, 30, 1, 5898, 100] },
  3: { ascii: 'E' },
  4: { rational: [13, 1, 22, 1, 40, 1] },
};

/** A TIFF block with a main directory, an EXIF directory and a GPS directory, in either byte order. */
function tiff(
  main: Record<number, Value>,
  photo: Record<number, Value>,
  little = true,
  gps: Record<number, Value> = place,
): Uint8Array {
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
        view.setUint32(entry + 4, value.rational.length / 2, little);
        view.setUint32(entry + 8, free, little);
        for (const part of value.rational) {
          view.setUint32(free, part, little);
          free += 4;
        }
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
  directory(512, gps);
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
  it('reads the fields in both byte orders and ignores the GPS directory', () => {
    for (const little of [true, false]) {
      expect(readExif(tiff(main, photo, little), false)).toEqual({
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

  it('accepts a UTC offset without a colon', () => {
    const fields = { 36867: { ascii: '2026:03:01 09:30:00' }, 36881: { ascii: '+0000' } };
    expect(readExif(tiff({}, fields), false).taken_at).toBe('2026-03-01T09:30:00+00:00');
    expect(readExif(tiff({}, { ...fields, 36881: { ascii: '-0930' } }), false).taken_at).toBe(
      '2026-03-01T09:30:00-09:30',
    );
  });

  it('leaves out an implausible time and adds a note', () => {
    const now = new Date('2026-05-04T12:00:00Z');
    const taken = (taken_at: string) => {
      const { exif, notes } = withPlausibleTime({ ...noExif, taken_at }, now);
      return [exif.taken_at, ...notes];
    };
    for (const wrong of ['1970-01-01T00:00:00', '1999-12-31T23:59:59+00:00', '2099-01-01T00:00:00.500']) {
      expect(taken(wrong)).toEqual([null, 'capture_time_implausible']);
    }
    for (const right of ['2000-01-01T00:00:00', '2026-05-05T02:00:00', '2026-05-04T23:00:00+14:00']) {
      expect(taken(right)).toEqual([right]);
    }
    expect(withPlausibleTime(noExif, now)).toEqual({ exif: noExif, notes: [] });
  });

  it('leaves out a missing UTC offset and rejects invalid times', () => {
    const takenAt = (text: string, offset = '') =>
      readExif(tiff({}, { 36867: { ascii: text }, 36881: { ascii: offset } }), false).taken_at;
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

  it('reads zero, infinite and out-of-range values as null', () => {
    const odd = tiff(
      { 274: { short: 9 }, 271: { ascii: ' \u0001 ' } },
      { 33434: { rational: [1, 0] }, 33437: { rational: [0, 0] }, 34855: { short: 0 } },
    );
    expect(readExif(odd, false)).toEqual(noExif);
  });

  it('reads the GPS position if asked to, in both byte orders and hemispheres', () => {
    const gpsOf = (gps: Record<number, Value>, little = true) => readExif(tiff({}, {}, little, gps), true).gps;
    for (const little of [true, false]) expect(gpsOf(place, little)).toEqual({ lat: 52.516383, lon: 13.377778 });
    const south = { ...place, 1: { ascii: 's' }, 3: { ascii: 'W' } };
    expect(gpsOf(south)).toEqual({ lat: -52.516383, lon: -13.377778 });
    const decimalMinutes = { ...place, 2: { rational: [89, 1, 599_999, 10_000, 0, 1] } };
    expect(gpsOf(decimalMinutes)?.lat).toBe(89.999998);
    expect(gpsOf({ ...place, 2: { rational: [0, 1, 0, 1, 0, 1] }, 1: { ascii: 'S' } })).toEqual({
      lat: 0,
      lon: 13.377778,
    });
  });

  it('leaves out an invalid GPS position', () => {
    const rational = (...parts: number[]) => ({ rational: parts });
    const invalid: Record<string, Record<number, Value>> = {
      'nothing at all': {},
      'no hemisphere': { 2: rational(52, 1, 30, 1, 0, 1), 3: { ascii: 'E' }, 4: rational(13, 1, 0, 1, 0, 1) },
      'another hemisphere': { ...place, 1: { ascii: 'X' } },
      'a hemisphere that every object has': { ...place, 1: { ascii: 'constructor' } },
      'the hemispheres swapped': { ...place, 1: { ascii: 'E' }, 3: { ascii: 'N' } },
      'one axis only': { 1: { ascii: 'N' }, 2: rational(52, 1, 30, 1, 0, 1) },
      'no denominators': { ...place, 2: rational(52, 0, 30, 0, 0, 0) },
      'zero by zero': { ...place, 4: rational(13, 1, 22, 1, 0, 0) },
      'beyond the pole': { ...place, 2: rational(90, 1, 0, 1, 1, 1) },
      'beyond the date line': { ...place, 4: rational(180, 1, 1, 1, 0, 1) },
      'the largest numbers': { ...place, 4: rational(0xffffffff, 1, 0xffffffff, 1, 0xffffffff, 1) },
      'too many minutes': { ...place, 2: rational(52, 1, 61, 1, 0, 1) },
      'degrees alone': { ...place, 2: rational(52, 1) },
      'whole numbers': { ...place, 2: { long: 52 } },
      'no fix': { ...place, 2: rational(0, 1, 0, 1, 0, 1), 4: rational(0, 1, 0, 1, 0, 1) },
    };
    for (const [name, gps] of Object.entries(invalid))
      expect(readExif(tiff({}, {}, true, gps), true), name).toEqual(noExif);
  });

  it('leaves out the GPS position if the directory points nowhere, to itself or past the end', () => {
    const cut = tiff({}, {});
    for (const at of [0, 7, 8, 4095, 4096, 0xffffffff]) {
      const bytes = tiff({}, {});
      const view = new DataView(bytes.buffer);
      // The pointer is the second entry of the main directory. Its value is at offset 8 of the entry.
      view.setUint32(8 + 2 + 12 + 8, at, true);
      expect(readExif(bytes, true).gps, `at ${at}`).toBeUndefined();
    }
    const view = new DataView(cut.buffer);
    view.setUint32(512 + 2 + 12 + 8, 4096 - 23, true);
    expect(readExif(cut, true).gps).toBeUndefined();
  });

  it('uses the long ISO field if the short one is saturated', () => {
    expect(readExif(tiff({}, { 34855: { short: 65_535 }, 34866: { long: 102_400 } }), false).iso).toBe(102_400);
  });

  it('never throws on damaged bytes', () => {
    const good = tiff(main, photo);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 40 }),
        fc.nat(good.length),
        (damage, length) => {
          const bytes = good.slice(0, length);
          for (const [at, value] of damage) if (at < bytes.length) bytes[at] = value;
          readExif(bytes, true);
        },
      ),
      { numRuns: 3000 },
    );
    expect(readExif(new Uint8Array(0), true)).toEqual(noExif);
    expect(readExif(good.slice(0, 7), true)).toEqual(noExif);
  });
});

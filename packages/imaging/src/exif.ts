import type { Exif, ImageNote } from '@spinbay/contracts';

export const noExif: Exif = {
  iso: null,
  shutter_s: null,
  aperture_f: null,
  focal_length_mm: null,
  taken_at: null,
  orientation: null,
  make: null,
  model: null,
};

const tag = {
  make: 0x010f,
  model: 0x0110,
  orientation: 0x0112,
  exifDirectory: 0x8769,
  gpsDirectory: 0x8825,
  exposureTime: 0x829a,
  fNumber: 0x829d,
  iso: 0x8827,
  recommendedExposureIndex: 0x8832,
  dateTimeOriginal: 0x9003,
  offsetTimeOriginal: 0x9011,
  subSecTimeOriginal: 0x9291,
  focalLength: 0x920a,
} as const;

/** Tags of the GPS directory. A coordinate is three rationals: degrees, minutes, seconds. */
const gpsTag = { latitudeRef: 1, latitude: 2, longitudeRef: 3, longitude: 4 } as const;

const maxEntries = 512;
const maxTextLength = 200;

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Offset of the value from the start of the TIFF block. */
  readonly at: number;
}

/**
 * Reads the few EXIF fields that Spinbay keeps. A general reader would build an object of every tag: one 64 KB segment of
 * 5,000 overlapping arrays makes it allocate gigabytes. This one follows two directories, reads a fixed list of tags and
 * takes one value of each. It reads the GPS directory only if `keepGps` is set.
 *
 * Never throws: unreadable fields are null, and an invalid position is left out.
 * @param tiff the EXIF block from its byte-order mark on
 */
export function readExif(tiff: Uint8Array, keepGps: boolean): Exif {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (view.byteLength < 8) return noExif;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return noExif;
  const little = order === 0x4949;
  if (view.getUint16(2, little) !== 42) return noExif;

  const main = readDirectory(view, view.getUint32(4, little), little);
  const pointer = integerOf(view, main.get(tag.exifDirectory), little);
  const photo = pointer === null ? new Map<number, Entry>() : readDirectory(view, pointer, little);
  const orientation = integerOf(view, main.get(tag.orientation), little);
  const iso = integerOf(view, photo.get(tag.iso), little);
  const gps = keepGps ? gpsOf(view, integerOf(view, main.get(tag.gpsDirectory), little), little) : null;
  return {
    // 65535 means that the value exceeds 16 bits. The long field then has the value.
    iso: positive(
      iso === null || iso === 65_535 ? (integerOf(view, photo.get(tag.recommendedExposureIndex), little) ?? iso) : iso,
    ),
    shutter_s: positive(rationalOf(view, photo.get(tag.exposureTime), little)),
    aperture_f: positive(rationalOf(view, photo.get(tag.fNumber), little)),
    focal_length_mm: positive(rationalOf(view, photo.get(tag.focalLength), little)),
    taken_at: takenAt(
      textOf(view, photo.get(tag.dateTimeOriginal)),
      textOf(view, photo.get(tag.subSecTimeOriginal)),
      textOf(view, photo.get(tag.offsetTimeOriginal)),
    ),
    orientation: orientation !== null && orientation >= 1 && orientation <= 8 ? orientation : null,
    make: textOf(view, main.get(tag.make)),
    model: textOf(view, main.get(tag.model)),
    ...(gps === null ? {} : { gps }),
  };
}

/** A local time may be 14 hours ahead of UTC. The rest allows for a clock that is a day ahead. */
const aheadMs = 38 * 3_600_000;

/** Leaves out an implausible time, such as that of a clock that was never set. */
export function withPlausibleTime(exif: Exif, now: Date): { exif: Exif; notes: ImageNote[] } {
  if (exif.taken_at === null) return { exif, notes: [] };
  // A time without an offset is read as UTC.
  const at = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(exif.taken_at) ? exif.taken_at : `${exif.taken_at}Z`);
  if (at >= Date.UTC(2000) && at <= now.getTime() + aheadMs) return { exif, notes: [] };
  return { exif: { ...exif, taken_at: null }, notes: ['capture_time_implausible'] };
}

const bytesPerValue: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

function readDirectory(view: DataView, offset: number, little: boolean): Map<number, Entry> {
  const entries = new Map<number, Entry>();
  if (offset < 8 || offset + 2 > view.byteLength) return entries;
  const count = Math.min(view.getUint16(offset, little), maxEntries);
  for (let i = 0; i < count; i++) {
    const at = offset + 2 + i * 12;
    if (at + 12 > view.byteLength) break;
    const type = view.getUint16(at + 2, little);
    const size = bytesPerValue[type];
    const values = view.getUint32(at + 4, little);
    if (size === undefined || values === 0) continue;
    const valueAt = size * values <= 4 ? at + 8 : view.getUint32(at + 8, little);
    const name = view.getUint16(at, little);
    if (valueAt + size <= view.byteLength && !entries.has(name))
      entries.set(name, { type, count: values, at: valueAt });
  }
  return entries;
}

function integerOf(view: DataView, entry: Entry | undefined, little: boolean): number | null {
  if (!entry) return null;
  if (entry.type === 3) return view.getUint16(entry.at, little);
  if (entry.type === 4) return view.getUint32(entry.at, little);
  return null;
}

function rationalOf(view: DataView, entry: Entry | undefined, little: boolean): number | null {
  if (!entry) return null;
  if (entry.type === 5) return view.getUint32(entry.at, little) / view.getUint32(entry.at + 4, little);
  if (entry.type === 10) return view.getInt32(entry.at, little) / view.getInt32(entry.at + 4, little);
  return integerOf(view, entry, little);
}

function gpsOf(view: DataView, directory: number | null, little: boolean): Exif['gps'] | null {
  if (directory === null) return null;
  const entries = readDirectory(view, directory, little);
  const degrees = (ref: number, value: number, positive: string, negative: string, max: number) => {
    const sign = { [positive]: 1, [negative]: -1 }[textOf(view, entries.get(ref))?.toUpperCase() ?? ''];
    const size = angleOf(view, entries.get(value), little);
    if (sign === undefined || size === null || size > max) return null;
    // Rounds to a tenth of a metre. `+ 0` turns negative zero into zero.
    return Math.round(sign * size * 1e6) / 1e6 + 0;
  };
  const lat = degrees(gpsTag.latitudeRef, gpsTag.latitude, 'N', 'S', 90);
  const lon = degrees(gpsTag.longitudeRef, gpsTag.longitude, 'E', 'W', 180);
  // A camera without a GPS fix writes zeros.
  return lat === null || lon === null || (lat === 0 && lon === 0) ? null : { lat, lon };
}

/** Three rationals: degrees, minutes, seconds. */
function angleOf(view: DataView, entry: Entry | undefined, little: boolean): number | null {
  if (entry?.type !== 5 || entry.count !== 3 || entry.at + 24 > view.byteLength) return null;
  const [degrees, minutes, seconds] = [0, 8, 16].map((offset) =>
    rationalOf(view, { ...entry, at: entry.at + offset }, little),
  );
  if (degrees == null || minutes == null || seconds == null) return null;
  // Rounding can give 60. NaN and infinity, from zero denominators, fail the comparisons.
  if (!(degrees <= 180 && minutes <= 60 && seconds <= 60)) return null;
  return degrees + minutes / 60 + seconds / 3600;
}

function positive(value: number | null): number | null {
  return value !== null && Number.isFinite(value) && value > 0 ? value : null;
}

/** Printable text up to the first NUL. Read as UTF-8, because phones write it. */
function textOf(view: DataView, entry: Entry | undefined): string | null {
  if (!entry || (entry.type !== 2 && entry.type !== 7)) return null;
  const length = Math.min(entry.count, maxTextLength, view.byteLength - entry.at);
  const raw = new Uint8Array(view.buffer, view.byteOffset + entry.at, length);
  const end = raw.indexOf(0);
  const text = new TextDecoder().decode(end < 0 ? raw : raw.subarray(0, end));
  const printable = text.replace(/[\p{C}\uFFFD]/gu, '').trim();
  return printable === '' ? null : printable;
}

function takenAt(dateTime: string | null, subSeconds: string | null, offset: string | null): string | null {
  const match = dateTime?.match(/^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  // Rejects the zeros of a camera without a clock, and dates such as February 31.
  const parsed = new Date(`${local}Z`);
  if (Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(local)) return null;
  const fraction = subSeconds && /^\d{1,9}$/.test(subSeconds) ? `.${subSeconds.slice(0, 3)}` : '';
  // EXIF specifies +01:00, but some cameras leave out the colon.
  const [, hours, minutes] = offset?.match(/^([+-](?:0\d|1[0-4])):?([0-5]\d)$/) ?? [];
  return `${local}${fraction}${hours === undefined ? '' : `${hours}:${minutes}`}`;
}

/** The capture time in the format of EXIF. */
export interface TakenAt {
  /** Local time, `2026:05:04 09:30:00`. */
  readonly dateTime: string;
  /** `+02:00` */
  readonly offset: string;
  /** Three digits. */
  readonly milliseconds: string;
}

export function takenAt(time: Date): TakenAt {
  const two = (n: number) => String(n).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join(':');
  const clock = [two(time.getHours()), two(time.getMinutes()), two(time.getSeconds())].join(':');
  const east = -time.getTimezoneOffset();
  const offset = `${east < 0 ? '-' : '+'}${two(Math.floor(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
  return { dateTime: `${date} ${clock}`, offset, milliseconds: String(time.getMilliseconds()).padStart(3, '0') };
}

const ascii = 2;
const short = 3;
const long = 4;

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly value: string | number;
}

/**
 * An APP1 segment with the capture time and the orientation "not rotated" (EXIF 2.31, big endian). JPEGs that a browser
 * creates have none.
 */
export function exifSegment({ dateTime, offset, milliseconds }: TakenAt): Uint8Array<ArrayBuffer> {
  const exif: Entry[] = [
    { tag: 0x9003, type: ascii, value: dateTime },
    { tag: 0x9004, type: ascii, value: dateTime },
    { tag: 0x9010, type: ascii, value: offset },
    { tag: 0x9011, type: ascii, value: offset },
    { tag: 0x9291, type: ascii, value: milliseconds },
  ];
  const main = (exifAt: number): Entry[] => [
    { tag: 0x0112, type: short, value: 1 },
    { tag: 0x0131, type: ascii, value: 'Spinbay Capture' },
    { tag: 0x0132, type: ascii, value: dateTime },
    { tag: 0x8769, type: long, value: exifAt },
  ];
  const tiffHeader = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  const exifAt = 8 + directory(main(0), 8).length;
  const tiff = [...tiffHeader, ...directory(main(exifAt), 8), ...directory(exif, exifAt)];
  const body = [...bytesOf('Exif\0\0'), ...tiff];
  return new Uint8Array([0xff, 0xe1, ...uint(body.length + 2, 2), ...body]);
}

/** A directory at offset `start` of the TIFF part, followed by the values that do not fit into it. */
function directory(entries: readonly Entry[], start: number): number[] {
  const table: number[] = uint(entries.length, 2);
  const values: number[] = [];
  const valuesAt = start + 2 + entries.length * 12 + 4;
  for (const { tag, type, value } of entries) {
    const bytes = typeof value === 'number' ? uint(value, type === short ? 2 : 4) : bytesOf(`${value}\0`);
    table.push(...uint(tag, 2), ...uint(type, 2), ...uint(typeof value === 'number' ? 1 : bytes.length, 4));
    if (bytes.length <= 4) {
      table.push(...bytes, ...Array<number>(4 - bytes.length).fill(0));
    } else {
      table.push(...uint(valuesAt + values.length, 4));
      values.push(...bytes, ...Array<number>(bytes.length % 2).fill(0));
    }
  }
  return [...table, 0, 0, 0, 0, ...values];
}

function uint(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, k) => (value >>> (8 * (bytes - 1 - k))) & 0xff);
}

function bytesOf(text: string): number[] {
  return Array.from(text, (c) => c.charCodeAt(0) & 0x7f);
}

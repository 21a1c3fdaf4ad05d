import sharp from 'sharp';
import { codedTiles } from '../heic/test-coded-tiles.ts';
import { box, clap, heif, icc, irot, nclx, uint } from '../heic/test-heif.ts';
import type { ImageRejectedCode } from '../image-rejected.ts';
import { withIccProfile } from '../jpeg-header.ts';
import { draw, jpeg, quarters, texture } from '../test-pictures.ts';

/** A hostile file and its expected outcome. */
export interface HostileFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly outcome: ImageRejectedCode | 'measured';
}

const side = { width: 160, height: 120 };
const raw = { raw: { ...side, channels: 3 } } as const;

/** Valid pictures of every accepted format. The mutations start from them. */
export async function goodFiles(): Promise<Buffer[]> {
  const plain = await jpeg({ ...side, at: texture });
  const colours = draw({ ...side, at: quarters(side.width, side.height) });
  const { full, limited, tenBits, grey } = codedTiles;
  const grid = { columns: 2, rows: 2, width: 120, height: 100 };
  return [
    plain,
    await jpeg({ ...side, at: texture }, { progressive: true }),
    await jpeg({ ...side, at: texture }, { chromaSubsampling: '4:2:0' }),
    await sharp(colours, raw).toColourspace('b-w').jpeg().toBuffer(),
    await sharp(colours, raw).toColourspace('cmyk').jpeg().toBuffer(),
    Buffer.from(withIccProfile(withApp1(plain, exifOf(entry(0x0112, 3, 1, uint(2, 6, 0)))), Buffer.alloc(400, 'RGB '))),
    heif({ tile: full, properties: [irot(1), nclx(12, 6, true)] }),
    heif({ tile: limited, grid, exif: exifOf(entry(0x0112, 3, 1, uint(2, 6, 0))) }),
    heif({ tile: tenBits, properties: [clap(40, 30, 2, 2), icc(Buffer.alloc(200, 'RGB '))] }),
    heif({ tile: grey }),
  ];
}

export async function hostileFiles(): Promise<HostileFile[]> {
  const plain = await jpeg({ ...side, at: texture });
  const progressive = await jpeg({ ...side, at: texture }, { progressive: true });
  const colours = draw({ ...side, at: quarters(side.width, side.height) });
  const frame = plain.indexOf(Buffer.from([0xff, 0xc0]));
  const changed = (at: number, ...values: number[]) => {
    const bytes = Buffer.from(plain);
    bytes.set(values, at);
    return bytes;
  };
  const sized = (height: number, width: number) => changed(frame + 5, ...uint(2, height, width));
  const { full } = codedTiles;
  const photo = heif({ tile: full, grid: { columns: 4, rows: 4, width: 256, height: 256 } });
  const wide = (columns: number, rows: number, width: number, height: number) =>
    heif({ tile: full, grid: { columns, rows, width, height } });
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';

  return [
    { name: 'nothing', bytes: Buffer.alloc(0), outcome: 'empty_file' },
    { name: 'a text', bytes: Buffer.from('a text with the name of a picture'), outcome: 'not_an_image' },
    { name: 'a page', bytes: Buffer.from('<!DOCTYPE html><html><body>404</body></html>'), outcome: 'not_an_image' },
    { name: 'zeros', bytes: Buffer.alloc(5000), outcome: 'not_an_image' },
    { name: 'a PNG', bytes: await sharp(colours, raw).png().toBuffer(), outcome: 'unsupported_format' },
    { name: 'an SVG', bytes: Buffer.from(svg), outcome: 'unsupported_format' },
    { name: 'a video', bytes: Buffer.concat([box('ftyp', Buffer.from('isom')), box('mdat')]), outcome: 'not_an_image' },

    { name: 'a JPEG of 64250 x 64250', bytes: sized(64_250, 64_250), outcome: 'too_many_pixels' },
    { name: 'a JPEG of 1 x 65500 that has other data', bytes: sized(65_500, 1), outcome: 'truncated' },
    { name: 'a JPEG that has more pixels than data', bytes: sized(6000, 8000), outcome: 'truncated' },
    { name: 'a JPEG without height', bytes: sized(0, 160), outcome: 'decode_failed' },
    { name: 'a JPEG of 98 scans', bytes: manyScans(progressive, 98), outcome: 'decode_failed' },
    { name: 'a JPEG with 34 MB before its picture', bytes: withSegments(plain, 520), outcome: 'measured' },
    { name: 'a 12-bit JPEG', bytes: changed(frame + 4, 12), outcome: 'unsupported_format' },
    { name: 'an arithmetic-coded JPEG', bytes: changed(frame + 1, 0xc9), outcome: 'unsupported_format' },
    { name: 'a lossless JPEG', bytes: changed(frame + 1, 0xc3), outcome: 'unsupported_format' },
    { name: 'a JPEG of two components', bytes: changed(frame + 9, 2), outcome: 'decode_failed' },
    { name: 'a JPEG without content', bytes: Buffer.from([0xff, 0xd8, 0xff, 0xd9]), outcome: 'decode_failed' },
    { name: 'a JPEG cut in half', bytes: plain.subarray(0, plain.length / 2), outcome: 'truncated' },
    {
      name: 'a CMYK JPEG',
      bytes: await sharp(colours, raw).toColourspace('cmyk').jpeg().toBuffer(),
      outcome: 'measured',
    },
    {
      name: 'a grey JPEG',
      bytes: await sharp(colours, raw).toColourspace('b-w').jpeg().toBuffer(),
      outcome: 'measured',
    },
    { name: 'a JPEG of one pixel', bytes: await jpeg({ width: 1, height: 1, at: texture }), outcome: 'measured' },
    { name: 'a JPEG of 1 x 20000', bytes: await jpeg({ width: 1, height: 20_000, at: texture }), outcome: 'measured' },
    { name: 'a JPEG of 20000 x 1', bytes: await jpeg({ width: 20_000, height: 1, at: texture }), outcome: 'measured' },
    ...invalidExif().map(([name, exif]) => ({ name, bytes: withApp1(plain, exif), outcome: 'measured' as const })),
    {
      name: 'an invalid colour profile',
      bytes: Buffer.from(withIccProfile(plain, Buffer.alloc(2e6, 7))),
      outcome: 'measured',
    },

    { name: 'a HEIC cut in half', bytes: photo.subarray(0, photo.length / 2), outcome: 'truncated' },
    { name: 'only the first bytes of a HEIC', bytes: photo.subarray(0, 24), outcome: 'truncated' },
    { name: 'a HEIC grid of 60000 x 60000', bytes: wide(2, 2, 60_000, 60_000), outcome: 'too_many_pixels' },
    { name: 'a HEIC grid of 4294967295 x 1', bytes: wide(2, 1, 0xffff_ffff, 1), outcome: 'too_many_pixels' },
    { name: 'a HEIC grid without size', bytes: wide(1, 1, 0, 0), outcome: 'decode_failed' },
    {
      name: 'a HEIC grid of 256 x 256 tiles',
      bytes: heif({ tile: full, grid: { columns: 256, rows: 256, width: 7000, height: 7000, tiles: 9 } }),
      outcome: 'decode_failed',
    },
    {
      name: 'a HEIC grid of grids',
      bytes: heif({ tile: full, itemType: 'grid', grid: { columns: 2, rows: 1, width: 128, height: 64 } }),
      outcome: 'unsupported_format',
    },
    {
      name: 'a HEIC of 40000 x 40000',
      bytes: heif({ tile: full, size: { width: 40_000, height: 40_000 } }),
      outcome: 'too_many_pixels',
    },
    {
      name: 'a HEIC without decoder headers',
      bytes: heif({ tile: { ...full, parameterSets: [] } }),
      outcome: 'decode_failed',
    },
    { name: 'a HEIC without data', bytes: heif({ tile: { ...full, slices: [] } }), outcome: 'truncated' },
    {
      name: 'a HEIC with invalid picture data',
      bytes: heif({ tile: { ...full, slices: [Buffer.alloc(3000, 0x26)] } }),
      outcome: 'decode_failed',
    },
    { name: 'a sequence of pictures', bytes: heif({ tile: full, brand: 'hevc' }), outcome: 'unsupported_format' },
    {
      name: 'an AVIF that claims to be HEIC',
      bytes: heif({ tile: full, itemType: 'av01' }),
      outcome: 'unsupported_format',
    },
    { name: 'boxes within boxes', bytes: nested(), outcome: 'decode_failed' },
    {
      name: 'a HEIC of 60000 boxes',
      bytes: Buffer.concat([
        box('ftyp', Buffer.from('heic')),
        box('meta', uint(4, 0), ...Array.from({ length: 60_000 }, () => box('free'))),
      ]),
      outcome: 'decode_failed',
    },
  ];
}

/** Repeats the last scan of a progressive JPEG. */
function manyScans(progressive: Buffer, count: number): Buffer {
  const scan = progressive.subarray(progressive.lastIndexOf(Buffer.from([0xff, 0xda])), -2);
  return Buffer.concat([
    progressive.subarray(0, -2),
    ...Array.from({ length: count }, () => scan),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Inserts application segments of 64 KB each after the start marker. */
function withSegments(bytes: Buffer, count: number): Buffer {
  const segment = Buffer.concat([Buffer.from([0xff, 0xe5, 0xff, 0xff]), Buffer.alloc(65_533, 0x20)]);
  return Buffer.concat([bytes.subarray(0, 2), ...Array.from({ length: count }, () => segment), bytes.subarray(2)]);
}

function withApp1(bytes: Buffer, tiff: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  return Buffer.concat([
    bytes.subarray(0, 2),
    Buffer.from([0xff, 0xe1]),
    uint(2, body.length + 2),
    body,
    bytes.subarray(2),
  ]);
}

/** A TIFF block, big-endian, whose first directory has these entries and then points to `next`. */
function exifOf(entries: Buffer, next = 0): Buffer {
  return Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'),
    uint(2, entries.length / 12),
    entries,
    uint(4, next),
  ]);
}

function entry(tag: number, type: number, count: number, value: Buffer): Buffer {
  return Buffer.concat([uint(2, tag, type), uint(4, count), value]);
}

function invalidExif(): [string, Buffer][] {
  const pointer = (to: number) => entry(0x8769, 4, 1, uint(4, to));
  const long = entry(0x010f, 2, 0xffff_ffff, uint(4, 8));
  return [
    ['EXIF that points to itself', exifOf(pointer(8), 8)],
    ['EXIF that points outside', exifOf(pointer(0xffff_fff0))],
    ['EXIF with a text of 4 GB', exifOf(long)],
    ['EXIF with 5000 overlapping texts', exifOf(Buffer.concat(Array.from({ length: 5000 }, () => long)))],
    [
      'EXIF that declares 65535 entries',
      Buffer.concat([Buffer.from('MM\0*\0\0\0\x08', 'latin1'), Buffer.alloc(2000, 0xff)]),
    ],
    ['EXIF that divides by zero', exifOf(entry(0x829a, 5, 1, uint(4, 26)))],
    ['EXIF of orientation 99', exifOf(entry(0x0112, 3, 1, uint(2, 99, 0)))],
  ];
}

/** `meta` within `meta` within `meta`, 200 deep. */
function nested(): Buffer {
  let inner = box('free');
  for (let depth = 0; depth < 200; depth++) inner = box('meta', uint(4, 0), inner);
  return Buffer.concat([box('ftyp', Buffer.from('heic')), inner]);
}

import { defaultQcThresholds } from '@spinbay/contracts';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { ImageRejected, measureImage } from '../index.ts';
import { colourWeights } from './colour-weights.ts';
import { decodeHeic, takeTiles } from './decode-heic.ts';
import type { DecodedTile } from './libde265.ts';
import { paintAny, paintTile } from './paint-tile.ts';
import { codedTiles } from './test-coded-tiles.ts';
import { box, clap, type HeifSpec, heif, icc, imir, irot, nclx, uint } from './test-heif.ts';

const options = {
  qc: defaultQcThresholds,
  maxBytes: 20e6,
};
const { full } = codedTiles;

/** The drawn colours by quarter. The upper left alternates between two reds. */
const drawn = { green: [40, 180, 40], blue: [50, 60, 200], yellow: [210, 200, 60] } as const;

async function rejection(sheet: HeifSpec | Uint8Array): Promise<ImageRejected> {
  const file = sheet instanceof Uint8Array ? sheet : heif(sheet);
  const outcome = await decodeHeic(file).catch((error: unknown) => error);
  if (outcome instanceof ImageRejected) return outcome;
  throw outcome instanceof Error ? outcome : new Error('The file was decoded.');
}

async function pixelsOf(sheet: HeifSpec) {
  const { picture, ...rest } = await decodeHeic(heif(sheet));
  const at = (x: number, y: number) => [...picture.data.subarray((y * picture.width + x) * 3).subarray(0, 3)];
  return { ...rest, ...picture, at };
}

function near(got: readonly number[], wanted: readonly number[], within = 6): void {
  expect(Math.max(...wanted.map((value, i) => Math.abs(value - (got[i] ?? 1e9)))), `${got} for ${wanted}`).toBeLessThan(
    within,
  );
}

test('decodes colours in full and limited range, BT.601 and BT.709, 8 and 10 bits, 4:2:0 and 4:4:4', async () => {
  for (const name of ['full', 'limited', 'tenBits', 'fullChroma'] as const) {
    const { at, width, height } = await pixelsOf({ tile: codedTiles[name] });
    expect([width, height]).toEqual([64, 64]);
    near(at(48, 16), drawn.green);
    near(at(16, 48), drawn.blue);
    near(at(48, 48), drawn.yellow);
    near(at(2, 2), [220, 60, 60]);
  }
  const grey = await pixelsOf({ tile: codedTiles.grey });
  const luma = (c: readonly [number, number, number]) => Math.round(0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]);
  for (const [x, y, name] of [
    [48, 16, 'green'],
    [16, 48, 'blue'],
    [48, 48, 'yellow'],
  ] as const)
    near(grey.at(x, y), Array(3).fill(luma(drawn[name])));
});

test('prefers the colour information of the container to that of the coded data', async () => {
  const asLimited = await pixelsOf({ tile: full, properties: [nclx(1, 6, false)] });
  // Full-range values are read as limited-range ones: dark gets darker, bright gets brighter.
  near(asLimited.at(16, 48), [38, 49, 213], 12);
  const refused = await rejection({ tile: full, properties: [nclx(1, 8, true)] });
  expect(refused.code).toBe('unsupported_format');
  expect(refused.message).toContain('upload it as JPEG');
});

test('gives bit-identical results in the kernel and the general conversion', () => {
  let state = 7;
  const noise = (length: number) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
  for (const [width, height] of [
    [64, 64],
    [1, 1],
    [17, 35],
    [250, 70],
  ] as const) {
    for (const [matrix, fullRange] of [
      [1, true],
      [6, false],
      [9, false],
    ] as const) {
      const [stride, half] = [width + 5, (width + 3) >> 1];
      const rows = (height + 1) >> 1;
      const chroma = () => ({ data: noise(half * rows), width: (width + 1) >> 1, height: rows, stride: half, bits: 8 });
      const luma = { data: noise(stride * height), width, height, stride, bits: 8 };
      const colour = { primaries: 2, matrix, fullRange };
      const tile: DecodedTile = { chromaFormat: 1, planes: [luma, chroma(), chroma()], colour };
      const crops = [
        { left: 0, top: 0, width, height },
        { left: width >> 2, top: height >> 1, width: width - (width >> 2), height: height - (height >> 1) },
      ];
      for (const crop of crops) {
        const [fast, slow] = [0, 1].map(() => new Uint8Array(crop.width * crop.height * 3)) as [Uint8Array, Uint8Array];
        paintTile(tile, colourWeights(colour), { data: fast, crop }, 0, 0);
        paintAny(tile, colourWeights(colour), { data: slow, crop }, 0, 0);
        expect(Buffer.from(fast).equals(slow), `${width} x ${height}`).toBe(true);
      }
    }
  }
});

test('places the tiles of a grid and crops them at the right and lower edge', async () => {
  const { at, width, height } = await pixelsOf({ tile: full, grid: { columns: 3, rows: 2, width: 170, height: 100 } });
  expect([width, height]).toEqual([170, 100]);
  for (const [x, y] of [
    [0, 0],
    [64, 0],
    [128, 0],
    [0, 64],
    [64, 64],
    [128, 64],
  ] as const) {
    near(at(x + 2, y + 2), [220, 60, 60]);
    if (x < 128) near(at(x + 48, y + 16), drawn.green);
    if (y < 64) near(at(x + 16, y + 48), drawn.blue);
  }
});

test('shares tiles with a helper and fails if the helper fails', async () => {
  const file = heif({ tile: full, grid: { columns: 4, rows: 4, width: 256, height: 256 } });
  const alone = await decodeHeic(file);
  let helped = 0;
  const together = await decodeHeic(file, {
    helper: async (job) => {
      helped += 1;
      takeTiles(job);
    },
  });
  expect(helped).toBe(1);
  expect(Buffer.from(together.picture.data).equals(alone.picture.data)).toBe(true);
  const failure = new ImageRejected('decode_failed', 'of the test');
  await expect(decodeHeic(file, { helper: () => Promise.reject(failure) })).rejects.toBe(failure);
});

test('applies the rotation and mirroring of the container and ignores the EXIF orientation', async () => {
  const wanted: [Buffer[], number][] = [
    [[], 1],
    [[irot(1)], 8],
    [[irot(2)], 3],
    [[irot(3)], 6],
    [[imir(1)], 2],
    [[imir(0)], 4],
    [[imir(1), irot(1)], 5],
    [[imir(1), irot(3)], 7],
    [[irot(1), imir(1)], 7],
    [[irot(1), imir(0)], 5],
  ];
  for (const [properties, orientation] of wanted)
    expect((await pixelsOf({ tile: full, properties })).orientation).toBe(orientation);

  // Big-endian, one directory: Make, Orientation 6.
  const exif = Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'),
    uint(2, 2),
    uint(2, 0x010f, 2),
    uint(4, 4),
    Buffer.from('Cam\0'),
    uint(2, 0x0112, 3),
    uint(4, 1),
    uint(2, 6, 0),
    uint(4, 0),
  ]);
  const sheet = { tile: full, grid: { columns: 2, rows: 1, width: 128, height: 64 }, exif, properties: [irot(1)] };
  const got = await measureImage(heif(sheet), options);
  expect(got).toMatchObject({ format: 'heic', width: 64, height: 128, exif: { make: 'Cam', orientation: 6 } });
  expect(got.qc).not.toHaveProperty('notes');
  // Without a rotation in the container, the picture is shown as stored, whatever EXIF says.
  const unturned = await measureImage(heif({ ...sheet, properties: [] }), options);
  expect(unturned).toMatchObject({ width: 128, height: 64, qc: { notes: ['exif_orientation_ignored'] } });
  expect(got.qc.sharpness.score).toBeGreaterThan(0);
  const thumb = await sharp(got.thumbs[150].data).raw().toBuffer({ resolveWithObject: true });
  expect(thumb.info).toMatchObject({ width: 64, height: 64 });
  // The centre of 128 x 64 is x = 32 to 96: the right half of one tile and the left half of the next. After a rotation to
  // the left, the former upper right, with the stripes of the second tile, is the upper left.
  const at = (x: number, y: number) => [...thumb.data.subarray((y * 64 + x) * 3).subarray(0, 3)];
  near(at(16, 48), drawn.green, 25);
  near(at(48, 48), drawn.yellow, 25);
  near(at(48, 16), drawn.blue, 25);
});

test('applies the crop of the container', async () => {
  const { at, width, height } = await pixelsOf({ tile: full, properties: [clap(40, 20, 12, 22)] });
  expect([width, height]).toEqual([40, 20]);
  near(at(2, 10), drawn.blue);
  near(at(30, 10), drawn.yellow);
  expect((await rejection({ tile: full, properties: [clap(80, 20, 0, 0)] })).code).toBe('decode_failed');
  expect((await rejection({ tile: full, properties: [irot(1), clap(40, 20, 0, 0)] })).code).toBe('decode_failed');
});

test('keeps the colour profile', async () => {
  const profile = Buffer.alloc(200, 'RGB ');
  expect(Buffer.from((await pixelsOf({ tile: full, properties: [icc(profile)] })).icc ?? []).equals(profile)).toBe(
    true,
  );
});

test('rejects a file that is truncated at any point', async () => {
  const whole = heif({ tile: full, grid: { columns: 2, rows: 2, width: 128, height: 128 } });
  await decodeHeic(whole);
  for (let length = 12; length < whole.length; length += 7) {
    const refused = await rejection(whole.subarray(0, length));
    expect(['truncated', 'decode_failed'], `cut at ${length}`).toContain(refused.code);
  }
  expect((await rejection(whole.subarray(0, -1))).code).toBe('truncated');
});

test('checks sizes before it decodes anything', async () => {
  const huge = await rejection({ tile: full, grid: { columns: 256, rows: 4, width: 60_000, height: 60_000 } });
  expect(huge.code).toBe('too_many_pixels');
  expect(huge.message).toContain('60000 x 60000');
  const gap = { tile: full, grid: { columns: 2, rows: 2, width: 1000, height: 1000 } };
  expect((await rejection(gap)).message).toContain('do not fill');
  expect((await rejection({ tile: full, grid: { columns: 30, rows: 30, width: 64, height: 64 } })).code).toBe(
    'decode_failed',
  );
  expect(
    (await rejection({ tile: full, grid: { columns: 2, rows: 2, width: 128, height: 128, tiles: 3 } })).message,
  ).toContain('lists 3');
  expect((await rejection({ tile: full, size: { width: 40_000, height: 40_000 } })).code).toBe('too_many_pixels');
  expect((await rejection({ tile: full, size: { width: 128, height: 64 } })).code).toBe('decode_failed');
  const sps = full.parameterSets.filter((unit) => (unit[0] ?? 0) >> 1 === 33);
  expect((await rejection({ tile: full, extraUnits: sps })).message).toContain('second sequence parameter set');
});

test('rejects extents that overlap or lie outside the file', async () => {
  const moved = (change: HeifSpec['place']) =>
    rejection({ tile: full, place: change as NonNullable<HeifSpec['place']> });
  expect((await moved((_, { offset }) => ({ offset, length: 1_000_000 }))).code).toBe('truncated');
  expect((await moved((_, { length }) => ({ offset: 0xffff_0000, length }))).code).toBe('truncated');
  expect((await moved((_, { offset, length }) => ({ offset: offset + 3, length: length - 3 }))).code).toBe(
    'decode_failed',
  );
});

test('names the problem of sequences, other codecs and incomplete files', async () => {
  for (const brand of ['hevc', 'msf1', 'hevs']) {
    const refused = await rejection({ tile: full, brand });
    expect(refused.code).toBe('unsupported_format');
    expect(refused.message).toContain('sequence of pictures');
  }
  const av1 = await rejection({ tile: full, itemType: 'av01' });
  expect(av1.code).toBe('unsupported_format');
  expect(av1.message).toContain('"av01"');
  const ftyp = box('ftyp', Buffer.from('heic'), uint(4, 0));
  expect((await rejection(ftyp)).code).toBe('truncated');
  expect((await rejection(Buffer.concat([ftyp, box('meta', uint(4, 0))]))).code).toBe('decode_failed');
});

test('decodes or rejects a picture with flipped bits and decodes the next picture correctly', async () => {
  const whole = heif({ tile: full, grid: { columns: 2, rows: 1, width: 128, height: 64 } });
  const expected = (await decodeHeic(whole)).picture.data;
  const codes = new Set<string>();
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    const outcome = await decodeHeic(bytes).catch((error: unknown) => error);
    if (outcome instanceof ImageRejected) codes.add(outcome.code);
    else if (outcome instanceof Error) throw new Error(`byte ${at}`, { cause: outcome });
  }
  expect(codes).toContain('decode_failed');
  expect(Buffer.from((await decodeHeic(whole)).picture.data).equals(expected)).toBe(true);
});

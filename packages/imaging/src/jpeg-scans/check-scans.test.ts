import { defaultQcThresholds } from '@spinbay/contracts';
import sharp, { type JpegOptions } from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { type ImageMeasures, ImageRejected, measureImage } from '../index.ts';
import { draw } from '../test-pictures.ts';
import { checkScans } from './check-scans.ts';

/* A JPEG has no checksum. A hole in the middle of a file shows only in its codes. */

const encoders: Record<string, JpegOptions> = {
  'baseline 4:2:0': { quality: 85 },
  'baseline 4:4:4': { quality: 95, chromaSubsampling: '4:4:4' },
  'baseline, optimized tables': { quality: 60, optimiseCoding: true },
  progressive: { quality: 85, progressive: true },
  'progressive, trellis': { quality: 80, mozjpeg: true },
};
const sizes = [
  [1200, 900],
  [803, 601],
] as const;
const files: { name: string; bytes: Buffer }[] = [];

beforeAll(async () => {
  for (const [width, height] of sizes) {
    for (const [name, options] of Object.entries(encoders)) {
      const picture = sharp(draw({ width, height, at: scene }), { raw: { width, height, channels: 3 } });
      files.push({ name: `${name}, ${width} x ${height}`, bytes: await picture.jpeg(options).toBuffer() });
    }
  }
  const grey = sharp(draw({ width: 801, height: 599, at: scene }), { raw: { width: 801, height: 599, channels: 3 } });
  files.push({ name: 'grey', bytes: await grey.greyscale().jpeg({ quality: 90 }).toBuffer() });
});

/** Slopes, edges and grain, so that blocks of all kinds occur. */
function scene(x: number, y: number): readonly [number, number, number] {
  const grain = Math.imul(x * 73_856_093 + y * 19_349_663, 2_654_435_761) >>> 28;
  const edge = (x >> 6) % 3 === (y >> 5) % 2 ? 70 : 0;
  return [40 + ((x * 120) >> 10) + grain + edge, 60 + ((y * 120) >> 10) + grain, 150 - edge + grain];
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The same bytes with a hole in the coded data. */
function withHole(bytes: Buffer, size: number, kind: 'zeros' | 'random', random: () => number): Buffer {
  const from = bytes.indexOf(Buffer.of(0xff, 0xda)) + 200;
  const at = from + Math.floor(random() * (bytes.length - from - size - 50));
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(Array.from({ length: size }, () => (kind === 'zeros' ? 0 : Math.floor(random() * 256)))),
    bytes.subarray(at + size),
  ]);
}

test('finds no fault in the output of encoders, for any kind and size', () => {
  for (const { name, bytes } of files) {
    expect(checkScans(bytes), name).toEqual({ faults: 0, surplusData: false, complete: true, endMarker: true });
  }
});

test('finds at least 97 of 100 holes of zeros or random bytes', () => {
  const random = randomNumbers(11);
  let holes = 0;
  let found = 0;
  for (const { bytes } of files) {
    for (const kind of ['zeros', 'random'] as const) {
      for (const size of [512, 4096]) {
        for (let k = 0; k < 5; k++) {
          const report = checkScans(withHole(bytes, size, kind, random));
          holes += 1;
          if (report === null || report.faults > 0 || report.surplusData) found += 1;
        }
      }
    }
  }
  expect(holes).toBe(220);
  expect(found / holes).toBeGreaterThan(0.97);
});

test('distinguishes a truncated file from one that only lacks the end marker', () => {
  for (const { name, bytes } of files) {
    expect(checkScans(bytes.subarray(0, -2)), name).toMatchObject({ faults: 0, complete: true, endMarker: false });
    const half = checkScans(bytes.subarray(0, bytes.length / 2));
    expect(half && half.faults === 0 && half.complete, name).toBe(false);
  }
});

test('accepts padding at the end of a scan and reports other data there', () => {
  for (const { bytes } of files) {
    const filled = (filling: Buffer) => checkScans(Buffer.concat([bytes.subarray(0, -2), filling, bytes.subarray(-2)]));
    expect(filled(Buffer.alloc(300))).toMatchObject({ faults: 0, surplusData: false });
    expect(filled(Buffer.from('some words of a camera'))).toMatchObject({ faults: 0, surplusData: true });
  }
});

test('handles garbage in bounded time', () => {
  const random = randomNumbers(5);
  for (const { bytes } of files) {
    for (let k = 0; k < 20; k++) {
      const broken = Buffer.from(bytes.subarray(0, 40_000));
      for (let n = 0; n < 8; n++) broken[2 + Math.floor(random() * 900)] = Math.floor(random() * 256);
      expect(() => checkScans(broken)).not.toThrow();
    }
  }
  expect(checkScans(Buffer.of(0xff, 0xd8, 0xff, 0xd9))).toBeNull();
});

test('fails or warns of a picture with a hole, and keeps its measures and thumbnails', async () => {
  const [file] = files;
  if (file === undefined) throw new Error('no file was made');
  const qc = { ...defaultQcThresholds, sharpness_fail: 0, sharpness_warn: 1, clip_fraction: 1 };
  const whole = await measureImage(file.bytes, { qc, maxBytes: 20e6 });
  expect(whole).toMatchObject({ status: 'processed', qc: { damage: { status: 'pass', faults: 0 } } });
  const random = randomNumbers(3);
  let measured = 0;
  for (let k = 0; k < 8; k++) {
    const damaged = await measureImage(withHole(file.bytes, 512, 'zeros', random), { qc, maxBytes: 20e6 }).catch(
      (error: unknown) => error,
    );
    // If the hole covers the end of the picture, the file counts as truncated.
    if (damaged instanceof ImageRejected) continue;
    expect(damaged).toMatchObject({ thumbs: { 600: { size: 600 } } });
    const got = damaged as ImageMeasures;
    expect([got.qc.damage?.status, got.status]).toBeOneOf([
      ['fail', 'failed'],
      ['warn', 'processed'],
    ]);
    measured += 1;
  }
  expect(measured).toBeGreaterThan(0);
});

import { existsSync, renameSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { defaultQcThresholds } from '@spinbay/contracts';
import { measureImage } from '@spinbay/imaging';
import { build } from 'esbuild';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSize, drawFrame, drawSpin, encodeFrame, FrameDrawer, frameCount } from './index.ts';

const measure = (bytes: Buffer) =>
  measureImage(bytes, {
    qc: defaultQcThresholds,
    maxBytes: 20e6,
  });

const small = { width: 320, height: 240 } as const;
const startedAt = new Date('2026-03-01T09:30:00Z');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-sample-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The thread's entry point as in production: bundled to JavaScript, with sharp as an external package. */
async function bundledWorker(): Promise<URL> {
  const outfile = join(folder, 'sample-spin-worker.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./draw-worker.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['file://*'],
    alias: { sharp: import.meta.resolve('sharp') },
    logLevel: 'error',
  });
  return pathToFileURL(outfile);
}

describe('a frame', () => {
  it('is the same for the same seed and has different grain for another one', async () => {
    const one = await drawFrame({ angleDeg: 45, ...small, seed: 3 });
    const again = await drawFrame({ angleDeg: 45, ...small, seed: 3 });
    const other = await drawFrame({ angleDeg: 45, ...small, seed: 4 });
    expect(one.data.equals(again.data)).toBe(true);
    expect(one.data.equals(other.data)).toBe(false);
  });

  it('shows the car and its number plate from the given angle', async () => {
    const drawer = new FrameDrawer(800, 600, 1);
    // Counts the red pixels in the middle third of the picture and in the outer thirds. Seen from the side, the car is long.
    const red = async (angleDeg: number) => {
      const { data, width } = await drawer.draw(angleDeg, false);
      const counts = { outer: 0, middle: 0 };
      for (let at = 0; at < data.length; at += 3) {
        const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
        const column = (at / 3) % width;
        if (r > 90 && r > 1.7 * Math.max(g, b))
          counts[column > width * 0.33 && column < width * 0.67 ? 'middle' : 'outer']++;
      }
      return counts;
    };
    const front = await red(0);
    const side = await red(90);
    expect(front.middle).toBeGreaterThan(5000);
    expect(front.outer).toBeLessThan(front.middle / 20);
    expect(side.outer).toBeGreaterThan(side.middle / 3);
  });

  it('passes the quality check at full size and fails it out of focus', async () => {
    const drawer = new FrameDrawer(defaultSize.width, defaultSize.height, 1);
    for (const angleDeg of [0, 225]) {
      const bytes = await encodeFrame(await drawer.draw(angleDeg, false), startedAt);
      const { qc, width, height } = await measure(bytes);
      expect({ width, height }).toEqual(defaultSize);
      expect(qc.sharpness.score, `${angleDeg} degrees`).toBeGreaterThan(330);
      expect(qc.sharpness.status).toBe('pass');
      expect(qc.exposure.status).toBe('pass');
      expect(Math.max(qc.exposure.clipped_white, qc.exposure.clipped_black)).toBeLessThan(0.005);
      expect(bytes.length).toBeGreaterThan(2.9e6);
      expect(bytes.length).toBeLessThan(4.1e6);
    }
    const blurred = await measure(await encodeFrame(await drawer.draw(30, true), startedAt));
    expect(blurred.qc.sharpness.status).toBe('fail');
    expect(blurred.qc.sharpness.score).toBeLessThan(80);
  });

  it('has the EXIF of a camera', async () => {
    const bytes = await encodeFrame(await drawFrame({ angleDeg: 0, ...small }), startedAt);
    expect((await measure(bytes)).exif).toEqual({
      iso: 200,
      shutter_s: 1 / 125,
      aperture_f: 8,
      focal_length_mm: 43,
      taken_at: '2026-03-01T09:30:00.000+00:00',
      orientation: 1,
      make: 'Spinbay',
      model: 'Sample Studio',
    });
  });

  it('rejects invalid sizes', () => {
    expect(() => new FrameDrawer(0, 240, 1)).toThrow(/width/);
    expect(() => new FrameDrawer(320, 20_000, 1)).toThrow(/height/);
    expect(() => new FrameDrawer(320.5, 240, 1)).toThrow(RangeError);
  });
});

describe('a spin', () => {
  it('has 24 different pictures at intervals of 2.5 s, without the missing ones', async () => {
    const outDir = join(folder, 'spin');
    const progress: string[] = [];
    const { files } = await drawSpin({
      ...small,
      outDir,
      startedAt,
      blur: [7],
      missing: [11, 24],
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    expect(files.map((file) => file.angleDeg)).toEqual(
      Array.from({ length: frameCount }, (_, index) => index * 15).filter((angle) => angle !== 150 && angle !== 345),
    );
    expect(files[1]?.path).toBe(join(outDir, 'angle_015.jpg'));
    expect((await readdir(outDir)).sort()).toEqual(files.map((file) => file.path.slice(outDir.length + 1)));
    expect(progress.at(-1)).toBe('22/22');
    const frames = await Promise.all(files.map((file) => readFile(file.path)));
    expect(new Set(frames.map((bytes) => bytes.toString('base64'))).size).toBe(22);
    const measured = await Promise.all(frames.map(measure));
    expect(measured[3]?.exif.taken_at).toBe('2026-03-01T09:30:07.500+00:00');
    // Frame 7 is the one at 90 degrees.
    const scores = measured.map((image) => image.qc.sharpness.score);
    expect(scores.indexOf(Math.min(...scores))).toBe(6);
    // Neighbouring frames differ by more than their grain.
    const thumbs = await Promise.all(files.map((file) => sharp(file.path).resize(32, 24).raw().toBuffer()));
    for (let i = 1; i < thumbs.length; i++) {
      const [one, other] = [thumbs[i - 1] ?? Buffer.alloc(0), thumbs[i] ?? Buffer.alloc(0)];
      const difference = one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;
      expect(difference, `frames ${i} and ${i + 1}`).toBeGreaterThan(1);
    }
  });

  it('gives the same files with threads, and stops them when the signal aborts', async () => {
    const workerUrl = await bundledWorker();
    const options = { ...small, startedAt, missing: [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20] };
    const here = await drawSpin({ ...options, outDir: join(folder, 'here') });
    const there = await drawSpin({ ...options, outDir: join(folder, 'there'), workerUrl, threads: 2 });
    expect(there.files.map((file) => file.angleDeg)).toEqual([0, 90, 300, 315, 330, 345]);
    for (const [index, file] of there.files.entries()) {
      const same = await readFile(here.files[index]?.path ?? '');
      expect((await readFile(file.path)).equals(same), `${file.angleDeg} degrees`).toBe(true);
    }

    const reason = new Error('enough');
    const stop = new AbortController();
    const stopped = drawSpin({
      ...small,
      outDir: join(folder, 'stopped'),
      workerUrl,
      threads: 1,
      signal: stop.signal,
      onProgress: () => stop.abort(reason),
    });
    await expect(stopped).rejects.toBe(reason);
    expect((await readdir(join(folder, 'stopped'))).length).toBeLessThan(frameCount);
  });

  it('reports why a thread cannot write', async () => {
    const outDir = join(folder, 'gone');
    const workerUrl = await bundledWorker();
    // A rename is atomic. Deleting the folder fails with ENOTEMPTY when the thread writes its next file meanwhile.
    const onProgress = () => existsSync(outDir) && renameSync(outDir, join(folder, 'moved'));
    const drawing = drawSpin({ ...small, outDir, workerUrl, threads: 1, onProgress });
    await expect(drawing).rejects.toThrow(/ENOENT/);
  });

  it('rejects invalid frame numbers', async () => {
    await expect(drawSpin({ ...small, outDir: folder, blur: [25] })).rejects.toThrow(/no frame 25/);
    await expect(drawSpin({ ...small, outDir: folder, missing: [0] })).rejects.toThrow(/no frame 0/);
  });
});

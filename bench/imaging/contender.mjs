// One way to process photos, in a separate process, so that its CPU time and peak memory can be measured.
// node contender.mjs WAY BUNDLE ROUNDS FILE...  prints { perImage: { cpuMs, wallMs }, wallMs, images, peakMb } as JSON.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [way, bundle, rounds, ...files] = process.argv.slice(2);
// The import configures sharp like the worker: no cache, one thread.
const { defaultQcThresholds, measureImage, sharp } = await import(pathToFileURL(bundle).href);

const ways = {
  /** The imaging job of the worker. */
  spinbay: () => {
    const options = {
      qc: defaultQcThresholds,
      maxBytes: 64e6,
    };
    return async (bytes) => {
      const measures = await measureImage(bytes, options);
      // Like the measuring process after each reply. Finalizers run in a later turn.
      globalThis.gc?.();
      await new Promise((resolve) => setImmediate(resolve));
      return measures;
    };
  },
  /** The minimum for any job on pixels. */
  'sharp raw decode': () => (bytes) =>
    sharp(bytes, { ignoreIcc: true, sequentialRead: true }).raw().toBuffer({ resolveWithObject: true }),
  /** The obvious implementation: a separate pipeline for every result. */
  'naive sharp': () => async (bytes) => {
    await sharp(bytes).metadata();
    for (const size of [150, 600, 1200]) {
      await sharp(bytes).rotate().resize(size, size, { fit: 'cover' }).jpeg({ quality: 85 }).toBuffer();
    }
    await sharp(bytes).stats();
    const laplacian = { width: 3, height: 3, kernel: [0, 1, 0, 1, -4, 1, 0, 1, 0] };
    await sharp(await sharp(bytes).greyscale().convolve(laplacian).toBuffer()).stats();
    await sharp(bytes).rotate().greyscale().resize(32, 32, { fit: 'fill' }).raw().toBuffer();
  },
};

const work = ways[way]();
const bytes = files.map((file) => readFileSync(file));
// Warms up like a long-running worker: code is compiled and memory allocated before measuring.
for (let i = 0; i < 6; i++) await work(bytes[i % bytes.length]);
const before = process.cpuUsage();
const began = performance.now();
for (let round = 0; round < Number(rounds); round++) for (const each of bytes) await work(each);
const wallMs = performance.now() - began;
const { user, system } = process.cpuUsage(before);
const images = bytes.length * Number(rounds);
console.log(
  JSON.stringify({
    perImage: { cpuMs: (user + system) / 1000 / images, wallMs: wallMs / images },
    wallMs,
    images,
    peakMb: process.resourceUsage().maxRSS / 1024,
  }),
);

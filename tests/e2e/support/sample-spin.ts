import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { drawSpin, frameCount } from '@spinbay/sample-spin';

const cache = join(process.cwd(), 'node_modules/.cache/spinbay-tests/spins');
const sources = join(process.cwd(), 'local/sample-spin/src');
/** Small, so that a spin is sent and measured in seconds. `large` is wider than every thumbnail. */
const sizes = { small: { width: 1200, height: 900 }, large: { width: 1600, height: 1200 } } as const;
const drawnAt = Date.UTC(2000, 0, 1);
/** The longest time from the first frame of a drawn spin to the last one, in ms. */
const longestSpin = 120_000;

/**
 * Writes a spin of `spinbay sample` with current capture times into a new folder. `blur` and `missing` are frame numbers, 1
 * to 24. Frames are cached until the drawing code changes: drawing a spin takes 14 s of CPU, copying it 0.05 s.
 */
export async function sampleSpin(
  folder: string,
  options: {
    readonly size?: keyof typeof sizes;
    readonly blur?: readonly number[];
    readonly missing?: readonly number[];
  } = {},
): Promise<void> {
  const { size = 'small', blur = [], missing = [] } = options;
  const drawn = join(cache, await digestOfDrawing(), size);
  const all = Array.from({ length: frameCount }, (_, k) => k + 1);
  const frames = all
    .filter((frame) => !missing.includes(frame))
    .map((frame) => {
      const name = `angle_${String((frame - 1) * 15).padStart(3, '0')}.jpg`;
      return { frame, name, kept: join(drawn, `${blur.includes(frame) ? 'blurred' : 'sharp'}-${name}`) };
    });
  const wanted = frames.filter(({ kept }) => !existsSync(kept));
  if (wanted.length > 0) {
    // The drawing threads run from dist/: an outdated build would fill the cache with outdated frames.
    await promisify(execFile)(process.execPath, ['scripts/build.mjs']);
    const draft = join(drawn, randomUUID());
    await drawSpin({
      ...sizes[size],
      outDir: draft,
      startedAt: new Date(drawnAt),
      blur,
      missing: all.filter((frame) => !wanted.some((one) => one.frame === frame)),
      workerUrl: pathToFileURL(join(process.cwd(), 'dist/sample-spin-worker.mjs')),
    });
    // Two test files may draw the same frames at the same time. The last rename wins.
    for (const { name, kept } of wanted) await rename(join(draft, name), kept);
    await rm(draft, { recursive: true });
  }
  await mkdir(folder);
  // Whole seconds, because EXIF stores fractions in another field, which does not change. Subtracting `longestSpin` puts the
  // last frame into the past, too.
  const shift = Math.floor(Date.now() / 1000) * 1000 - drawnAt - longestSpin;
  for (const { name, kept } of frames) await writeFile(join(folder, name), shotLater(await readFile(kept), shift));
}

/** The same photo, taken this many milliseconds later. The new time has the same length and replaces the old bytes. */
function shotLater(jpeg: Buffer, shift: number): Buffer {
  const text = jpeg.toString('latin1');
  const times = /2000:01:01 (\d\d):(\d\d):(\d\d)/g;
  if (!times.test(text)) throw new Error('the drawn frame has no capture time');
  const shifted = text.replaceAll(times, (_, hours: string, minutes: string, seconds: string) => {
    const time = drawnAt + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + shift;
    return new Date(time).toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
  });
  return Buffer.from(shifted, 'latin1');
}

/** A hash of everything that determines the pixels. */
async function digestOfDrawing(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(sizes));
  const files = (await readdir(sources)).filter((name) => !name.includes('.test.')).sort();
  for (const file of [...files.map((name) => join(sources, name)), join(process.cwd(), 'package-lock.json')])
    hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

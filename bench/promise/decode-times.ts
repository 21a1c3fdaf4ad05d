import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { spinbay } from '../../tests/e2e/support/installation.ts';
import { median } from '../support/figures.ts';
import type { Bench } from './deliver.ts';
import type { FrameTimes } from './timeline.ts';

export const photoSize = '4032x3024';
/** Missing frame numbers, so that only the first frame of a sample is drawn. */
const missingButFirst = Array.from({ length: 23 }, (_, k) => k + 2).join(',');

/** CPU time of decoding alone, in ms: of what is seen first (a preview, if any was sent), and of an original. */
export async function decodeTimes({ spin, folder, place }: Bench, frames: readonly FrameTimes[]) {
  const one = join(folder, 'decode');
  if (!existsSync(spin)) await spinbay(place, 'sample', one, '--size', photoSize, '--missing', missingButFirst);
  const source = existsSync(spin) ? spin : one;
  const [name = ''] = (await readdir(source)).filter((file) => file.endsWith('.jpg'));
  const original = await readFile(join(source, name));
  const preview = await sharp(original).resize(1280).jpeg().toBuffer();
  const originalMs = await cpuOf(() => sharp(original).raw().toBuffer());
  const hasPreviews = frames.some(({ first, original: whole }) => first !== whole);
  const first = hasPreviews ? await cpuOf(() => sharp(preview).raw().toBuffer()) : originalMs;
  const photo = `an original (${(original.length / 1e6).toFixed(1)} MB)`;
  console.log(
    `  decoding: ${originalMs.toFixed(0)} ms of CPU for ${photo}, ${first.toFixed(0)} ms for what is seen first\n`,
  );
  return { first, original: originalMs };
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let k = 0; k < 7; k++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return median(times);
}

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultQcThresholds } from '@spinbay/contracts';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMeasurer, type ImageMeasures, ImageRejected, type Measurer, measureImage } from '../index.ts';
import { jpeg, texture } from '../test-pictures.ts';
import { goodFiles, hostileFiles } from './test-corpus.ts';
import { mutate, seededRandom } from './test-mutations.ts';

const root = join(import.meta.dirname, '../../../..');
const entry = join(root, `node_modules/.cache/spinbay-tests/${randomUUID()}.mjs`);
const request = {
  qc: defaultQcThresholds,
  maxBytes: 64e6,
};
const never = new AbortController().signal;

/** `npm run fuzz` and `npm run test:long` set these. A failure reports the seed. */
const fuzzSeconds = Number(process.env.SPINBAY_FUZZ_SECONDS ?? 5);
const fuzzSeed = Number(process.env.SPINBAY_FUZZ_SEED ?? 1);

let folder: string;
let measurer: Measurer;
let control: Buffer;
let expected: ImageMeasures;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-hostile-'));
  await build({
    entryPoints: [join(import.meta.dirname, '../pool/measure-child.ts')],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['sharp', 'libheif-js/*'],
  });
  // Like the worker's, but with less time and memory, because the pictures are small.
  measurer = createMeasurer({
    entry: pathToFileURL(entry),
    slots: 2,
    startTimeoutMs: 60_000,
    timeoutMs: 30_000,
    maxRssMb: 500,
  });
  control = await jpeg({ width: 200, height: 150, at: texture });
  expected = await measureImage(control, request);
});
afterAll(async () => {
  await measurer?.close();
  await rm(folder, { recursive: true, force: true });
  await rm(entry, { force: true });
});

async function outcomeOf(bytes: Buffer): Promise<ImageMeasures | ImageRejected> {
  const file = join(folder, randomUUID());
  await writeFile(file, bytes);
  try {
    return await measurer.measure({ ...request, file }, never);
  } catch (error) {
    if (error instanceof ImageRejected) return error;
    throw error;
  } finally {
    await rm(file);
  }
}

/** A message for a reviewer is a whole sentence. */
const words = /^[A-Z].{30,}[.:)a-z]$/;

test('handles each hostile file as expected and measures the next picture correctly', async () => {
  const files = await hostileFiles();
  const ended: Record<string, string> = {};
  for (const { name, bytes } of files) {
    const outcome = await outcomeOf(bytes);
    ended[name] = outcome instanceof ImageRejected ? outcome.code : 'measured';
    if (outcome instanceof ImageRejected) expect(outcome.message, name).toMatch(words);
    expect(await outcomeOf(control), `after ${name}`).toEqual(expected);
  }
  expect(ended).toEqual(Object.fromEntries(files.map(({ name, outcome }) => [name, outcome])));
}, 180_000);

test('rejects a JPEG truncated at any byte, unless only the end marker is missing', async () => {
  const whole = await jpeg({ width: 40, height: 24, at: texture }, { quality: 60 });
  for (let length = 0; length < whole.length - 2; length++) {
    const outcome = await measureImage(whole.subarray(0, length), request).catch((error: unknown) => error);
    expect(outcome, `cut at ${length}`).toBeInstanceOf(ImageRejected);
  }
}, 120_000);

test(
  `measures or rejects mutated files (seed ${fuzzSeed}, ${fuzzSeconds} s) and measures the next picture correctly`,
  async () => {
    const sources = await goodFiles();
    const random = seededRandom(fuzzSeed);
    const until = Date.now() + fuzzSeconds * 1000;
    const tally = new Map<string, number>();
    const one = async () => {
      const source = sources[random(sources.length)] ?? control;
      const bytes = mutate(source, sources[random(sources.length)] ?? control, random);
      const outcome = await outcomeOf(bytes).catch((error: unknown) => error);
      const ended = outcome instanceof ImageRejected ? outcome.code : outcome instanceof Error ? 'fault' : 'measured';
      tally.set(ended, (tally.get(ended) ?? 0) + 1);
      if (ended !== 'fault' && ended !== 'decoder_crashed' && ended !== 'decode_timeout') return;
      const kept = join(tmpdir(), `spinbay-fuzz-${fuzzSeed}-${randomUUID()}`);
      await writeFile(kept, bytes);
      throw new Error(`seed ${fuzzSeed}: ${kept} ends as ${ended}`, { cause: outcome });
    };
    while (Date.now() < until) {
      for (let round = 0; round < 20 && Date.now() < until; round++) await Promise.all([one(), one(), one()]);
      expect(await outcomeOf(control)).toEqual(expected);
    }
    console.log(`fuzz: seed ${fuzzSeed}, ${[...tally].map(([code, count]) => `${count} ${code}`).join(', ')}`);
    expect(tally.size).toBeGreaterThan(2);
  },
  fuzzSeconds * 1000 + 120_000,
);

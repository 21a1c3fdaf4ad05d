import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { drawSpin } from '@spinbay/sample-spin';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';
import { Progress } from '../terminal/progress.ts';

const usage = 'sample FOLDER [--blur 7,15] [--missing 11] [--size 4032x3024] [--seed N]';

export const sample = {
  usage,
  about: 'Draws a sample spin of 24 frames into a folder. --blur and --missing take frame numbers from 1 to 24.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseFlags(usage, args, {
    blur: { type: 'string', default: '' },
    missing: { type: 'string', default: '' },
    size: { type: 'string', default: '4032x3024' },
    seed: { type: 'string', default: '1' },
  });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) throw new CommandError(`Name one folder.\nUsage: spinbay ${usage}`);
  const [, width, height] = /^([1-9]\d{1,3})x([1-9]\d{1,3})$/.exec(values.size) ?? [];
  if (width === undefined || height === undefined)
    throw new CommandError(`--size ${values.size}: give the width and height in pixels. Example: 4032x3024.`);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new CommandError(`--seed ${values.seed} is not a whole number.`);
  await drawSample(folder, {
    width: Number(width),
    height: Number(height),
    seed,
    blur: frames('--blur', values.blur),
    missing: frames('--missing', values.missing),
  });
  print(`Drew the spin into ${folder}. Next: npx spinbay ingest ${folder} --stock SAMPLE-2`);
  return 0;
}

function frames(flag: string, list: string): number[] {
  const numbers = list
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  if (!numbers.every((n) => Number.isInteger(n) && n >= 1 && n <= 24))
    throw new CommandError(`${flag} ${list}: give frame numbers from 1 to 24. Example: 7,15.`);
  return [...new Set(numbers)];
}

export interface SampleOptions {
  readonly width?: number;
  readonly height?: number;
  readonly seed?: number;
  readonly blur?: number[];
  readonly missing?: number[];
  readonly signal?: AbortSignal;
}

/** Draws the spin and shows progress. The folder appears only when it is complete. */
export async function drawSample(name: string, options: SampleOptions): Promise<void> {
  // Without a slash at the end, so that the draft is beside the folder.
  const folder = resolve(name);
  if ((await filesIn(folder)).length > 0)
    throw new CommandError(`${folder} exists and is not empty. Name another folder.`);
  const draft = `${folder}.drawing`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const progress = new Progress(24 - (options.missing?.length ?? 0));
  await drawSpin({
    ...options,
    outDir: draft,
    workerUrl: new URL('./sample-spin-worker.mjs', import.meta.url),
    onProgress: (drawn) => progress.update('drawn', drawn),
  });
  progress.end();
  await rename(draft, folder);
}

async function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

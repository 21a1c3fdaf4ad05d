import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sample } from './sample.ts';

/** Leaves out all frames, so that nothing is drawn. */
const nothing = ['--missing', Array.from({ length: 24 }, (_, k) => k + 1).join(',')];
let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'spinbay-sample-'));
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(parent, { recursive: true, force: true });
});

test.each(['new', 'new/'])('a spin is drawn into an empty folder, named as %s', async (name) => {
  await mkdir(join(parent, 'new'));
  expect(await sample.run([`${parent}/${name}`, ...nothing])).toBe(0);
  expect(await readdir(parent)).toEqual(['new']);
});

test('a folder with files is not replaced', async () => {
  await mkdir(join(parent, 'full/photos'), { recursive: true });
  await expect(sample.run([join(parent, 'full'), ...nothing])).rejects.toThrow(/exists and is not empty/);
  expect(await readdir(join(parent, 'full'))).toEqual(['photos']);
});

test.each([
  ['--size', '00x00', /--size 00x00: give the width and height/],
  ['--missing', '25', /--missing 25: give frame numbers from 1 to 24/],
  ['--seed', 'x', /--seed x is not a whole number/],
])('%s %s is refused', async (flag, value, words) => {
  await expect(sample.run([join(parent, 'new'), flag, value])).rejects.toThrow(words);
});

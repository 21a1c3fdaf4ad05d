import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codedTiles } from '../../../../packages/imaging/src/heic/test-coded-tiles.ts';
import { heif } from '../../../../packages/imaging/src/heic/test-heif.ts';
import { isComplete } from './is-complete.ts';
import { fingerprintOf, watchFolder } from './watch-folder.ts';

let folder: string;
let controller: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-watch-'));
  controller = new AbortController();
});
afterEach(async () => {
  controller.abort();
  await rm(folder, { recursive: true });
});

const start = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const end = Buffer.from([0xff, 0xd9]);
const jpeg = (fill: number) => Buffer.concat([start, Buffer.alloc(5_000, fill), end]);

/** The names yielded so far. */
function taken(known = new Map<string, string>()): string[] {
  const names: string[] = [];
  void (async () => {
    for await (const { file } of watchFolder(folder, known, controller.signal)) names.push(file);
  })();
  return names;
}

test('a photo is taken when it is complete, and not while it is written, however slowly', async () => {
  const names = taken();
  const slow = join(folder, 'IMG_1.JPG');
  await writeFile(slow, start);
  await writeFile(join(folder, 'IMG_2.JPG'), jpeg(2));
  await expect.poll(() => names).toEqual(['IMG_2.JPG']);
  for (let k = 0; k < 3; k++) {
    await appendFile(slow, Buffer.alloc(1_000, 1));
    // Another file is taken in the meantime, which shows that the folder was polled twice.
    const other = `IMG_1${k}.JPG`;
    await writeFile(join(folder, other), jpeg(10 + k));
    await expect.poll(() => names).toContain(other);
  }
  expect(names).not.toContain('IMG_1.JPG');
  await appendFile(slow, end);
  await expect.poll(() => names).toContain('IMG_1.JPG');
});

test('a temporary file that is renamed is taken once, under its final name', async () => {
  const names = taken();
  await writeFile(join(folder, '.IMG_1.JPG.part'), jpeg(1));
  await rename(join(folder, '.IMG_1.JPG.part'), join(folder, 'IMG_1.JPG'));
  await writeFile(join(folder, 'IMG_2.JPG'), jpeg(2));
  await expect.poll(() => names).toEqual(['IMG_1.JPG', 'IMG_2.JPG']);
});

test('files that were there before are ignored, and a file that is written again is taken again', async () => {
  const path = join(folder, 'IMG_1.JPG');
  await writeFile(path, jpeg(1));
  const names = taken(new Map([['IMG_1.JPG', (await fingerprintOf(path)) ?? '']]));
  await writeFile(join(folder, 'IMG_2.JPG'), jpeg(2));
  await expect.poll(() => names).toEqual(['IMG_2.JPG']);
  await writeFile(path, Buffer.concat([jpeg(3), jpeg(3)]));
  await expect.poll(() => names).toEqual(['IMG_2.JPG', 'IMG_1.JPG']);
});

test('a HEIC is complete when all its boxes are there', async () => {
  const whole = heif({ tile: codedTiles.full, grid: { columns: 2, rows: 1, width: 100, height: 60 }, properties: [] });
  await writeFile(join(folder, 'whole.heic'), whole);
  await writeFile(join(folder, 'cut.heic'), whole.subarray(0, whole.length - 10));
  expect(await isComplete(join(folder, 'whole.heic'))).toBe(true);
  expect(await isComplete(join(folder, 'cut.heic'))).toBe(false);
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentTypeOf, planFolder } from './read-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function fill(...names: string[]): Promise<void> {
  for (const name of names) await writeFile(join(folder, name), name);
}

const angles = async () =>
  (await planFolder(folder, 'studio360')).frames.map(({ file, slot }) => [file, slot.angle_deg]);
const numbered = (count: number) => Array.from({ length: count }, (_, k) => `IMG_${k + 1}.JPG`);

test('sorted by name as people count, frame k of 24 is the angle 15 k', async () => {
  await fill(...numbered(24));
  const plan = await angles();
  expect(plan.slice(0, 2)).toEqual([
    ['IMG_1.JPG', 0],
    ['IMG_2.JPG', 15],
  ]);
  expect(plan[9]).toEqual(['IMG_10.JPG', 135]);
  expect(plan[23]).toEqual(['IMG_24.JPG', 345]);
});

test('fewer than 24 photos leave the last slots open', async () => {
  await fill(...numbered(3));
  const { shotList, frames } = await planFolder(folder, 'studio360');
  expect([shotList.studio360?.frame_count, frames.length]).toEqual([24, 3]);
});

test('angles in the names win over the order, so that a gap stays a gap', async () => {
  await fill('angle_000.jpg', 'angle_030.jpg', 'angle_345.jpg');
  expect((await angles()).map(([, angle]) => angle)).toEqual([0, 30, 345]);
});

test('more photos than 24 make a finer circle, or are refused in words', async () => {
  await fill(...numbered(36));
  expect((await planFolder(folder, 'studio360')).shotList).toEqual({ studio360: { frame_count: 36 } });
  await fill('one-more.jpg');
  await expect(planFolder(folder, 'studio360')).rejects.toThrow(/37 photos, which do not divide a circle/);
});

test('stills are named by their files', async () => {
  await fill('Front Left.jpg', 'shot_odometer.jpg');
  const { shotList } = await planFolder(folder, 'stills');
  expect(shotList.stills?.map((still) => still.name)).toEqual(['front_left', 'odometer']);
});

test('two files for one slot are refused', async () => {
  await fill('front.jpg', 'FRONT.jpeg');
  await expect(planFolder(folder, 'stills')).rejects.toThrow(/name the same slot \(shot_front\)/);
});

test('HEIC photos are taken like JPEGs', async () => {
  await fill('IMG_2.HEIC', 'IMG_10.heif', 'IMG_1.jpg');
  expect(await angles()).toEqual([
    ['IMG_1.jpg', 0],
    ['IMG_2.HEIC', 15],
    ['IMG_10.heif', 30],
  ]);
  expect(['a.heic', 'a.HEIF', 'a.JPG', 'a.png'].map(contentTypeOf)).toEqual([
    'image/heic',
    'image/heic',
    'image/jpeg',
    null,
  ]);
});

test('what is no photo is left alone, photos of other formats are named', async () => {
  await fill('a.jpg', 'notes.txt', '.hidden.jpg', 'b.png');
  await mkdir(join(folder, 'folder.jpg'));
  const { frames, left } = await planFolder(folder, 'studio360');
  expect(frames.map((frame) => frame.file)).toEqual(['a.jpg']);
  expect(left).toEqual([{ file: 'b.png', why: expect.stringContaining('Save it as JPEG') }]);
});

test('a folder that is empty, missing or a file is told as such', async () => {
  await expect(planFolder(folder, 'stills')).rejects.toThrow(/has no \.jpg/);
  await expect(planFolder(join(folder, 'no'), 'stills')).rejects.toThrow(/There is no folder/);
  await fill('file');
  await expect(planFolder(join(folder, 'file'), 'stills')).rejects.toThrow(/is a file/);
});

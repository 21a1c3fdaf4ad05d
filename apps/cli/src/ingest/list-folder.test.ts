import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listFolder } from './list-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = {
  jpeg: Buffer.from('ffd8ffe0', 'hex'),
  heic: Buffer.from('\0\0\0\x18ftypheix\0\0\0\0mif1heix', 'latin1'),
  png: Buffer.from('89504e470d0a1a0a', 'hex'),
  text: Buffer.from('a note'),
};
const fill = async (files: Record<string, keyof typeof bytes>) => {
  for (const [name, kind] of Object.entries(files)) await writeFile(join(folder, name), bytes[kind]);
};
const taken = async () =>
  (await listFolder(folder)).photos.map(({ file, contentType }) => [file, contentType.replace('image/', '')]);
const left = async () => (await listFolder(folder)).leftOut.map(({ file, why, isPicture }) => [file, why, isPicture]);

test('photos are sorted in natural order', async () => {
  await fill({ 'IMG_10.JPG': 'jpeg', 'IMG_9.JPG': 'jpeg', 'img_11.jpg': 'jpeg' });
  expect((await taken()).map(([file]) => file)).toEqual(['IMG_9.JPG', 'IMG_10.JPG', 'img_11.jpg']);
});

test('photos are recognized by their content, whatever their file extension', async () => {
  await fill({ '1.HIF': 'heic', '2.hif': 'heic', '3.jfif': 'jpeg', '4': 'jpeg', '5.jpg': 'heic', '6.heic': 'jpeg' });
  expect(await taken()).toEqual([
    ['1.HIF', 'heic'],
    ['2.hif', 'heic'],
    ['3.jfif', 'jpeg'],
    ['4', 'jpeg'],
    ['5.jpg', 'heic'],
    ['6.heic', 'jpeg'],
  ]);
});

test('a file with a photo’s name keeps its place, whatever its content', async () => {
  await fill({ 'a.jpg': 'text', 'b.heic': 'png' });
  await writeFile(join(folder, 'c.jpg'), '');
  expect(await taken()).toEqual([
    ['a.jpg', 'jpeg'],
    ['b.heic', 'heic'],
    ['c.jpg', 'jpeg'],
  ]);
});

test('each file that is left out is listed with the reason', async () => {
  await fill({ 'a.jpg': 'jpeg', 'b.png': 'png', 'c.txt': 'text', 'd.thm': 'jpeg', README: 'text', 'e.bin': 'png' });
  await fill({ '.hidden.jpg': 'jpeg', '.DS_Store': 'text', '._a.jpg': 'text' });
  await mkdir(join(folder, 'folder.jpg'));
  expect(await taken()).toEqual([['a.jpg', 'jpeg']]);
  expect(await left()).toEqual([
    ['.hidden.jpg', expect.stringContaining('is hidden'), true],
    ['b.png', expect.stringContaining('Save it as JPEG'), true],
    ['c.txt', 'is not a photo.', false],
    ['d.thm', expect.stringContaining('Rename it to end in .jpg'), true],
    ['e.bin', expect.stringContaining('Save it as JPEG'), true],
    ['folder.jpg', expect.stringContaining('is a folder'), false],
    ['README', 'is not a photo.', false],
  ]);
});

test('the raw file of a JPEG does not count as a missing picture, a raw file alone does', async () => {
  await fill({ 'IMG_1.JPG': 'jpeg', 'IMG_1.CR3': 'text', 'IMG_2.CR3': 'text' });
  expect(await left()).toEqual([
    ['IMG_1.CR3', 'is the raw file of IMG_1.JPG, which is uploaded.', false],
    ['IMG_2.CR3', expect.stringContaining('Save it as JPEG'), true],
  ]);
});

test('a socket is not read, and a dangling link is listed', async () => {
  const server = createServer().listen(join(folder, 'socket.jpg'));
  await once(server, 'listening');
  await symlink(join(folder, 'gone'), join(folder, 'link.jpg'));
  expect(await left()).toEqual([
    ['link.jpg', 'cannot be read (ENOENT).', true],
    ['socket.jpg', 'is not a regular file.', false],
  ]);
  server.close();
});

test('a missing folder, or a file in its place, is reported', async () => {
  await expect(listFolder(join(folder, 'no\u001b[2J'))).rejects.toThrow(/There is no folder .*no\\x1b\[2J\.$/);
  await fill({ file: 'text' });
  await expect(listFolder(join(folder, 'file'))).rejects.toThrow(/is a file/);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePreview } from './preview.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-preview-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'photo');
  await writeFile(path, bytes);
  return path;
}

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#c04020' } });

test('a preview is upright, as large as asked, and has no metadata', async () => {
  const photo = await picture(1600, 1200)
    .withExif({ IFD0: { Artist: 'Somebody' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const { format, width, height, exif, icc, orientation } = await sharp(
    (await makePreview(await fileOf(photo), 960)) ?? Buffer.alloc(0),
  ).metadata();
  expect({ format, width, height, exif, icc, orientation }).toEqual({ format: 'jpeg', width: 720, height: 960 });
});

test('a preview is never larger than the photo', async () => {
  const photo = await picture(320, 200).jpeg().toBuffer();
  const preview = (await makePreview(await fileOf(photo), 960)) ?? Buffer.alloc(0);
  expect(await sharp(preview).metadata()).toMatchObject({ width: 320, height: 200 });
});

test('there is no preview of a damaged photo, of another format, or of a missing file', async () => {
  const photo = await picture(1600, 1200).jpeg().toBuffer();
  expect(await makePreview(await fileOf(photo.subarray(0, photo.length / 2)), 960)).toBeNull();
  expect(await makePreview(await fileOf(await picture(1600, 1200).png().toBuffer()), 960)).toBeNull();
  expect(
    await makePreview(await fileOf(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')), 960),
  ).toBeNull();
  expect(await makePreview(join(folder, 'missing'), 960)).toBeNull();
});

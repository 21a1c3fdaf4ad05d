import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ImageRejected } from '../image-rejected.ts';
import { decodeHeic } from './decode-heic.ts';
import { findFfmpeg, suitsFfmpeg } from './ffmpeg.ts';
import { readHeifPicture } from './heif-picture.ts';
import { decodeTile } from './libde265.ts';
import { codedTiles } from './test-coded-tiles.ts';
import { heif } from './test-heif.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-ffmpeg-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const grid = { columns: 3, rows: 2, width: 180, height: 120 };
const file = heif({ tile: codedTiles.limited, grid });

/** A program that reads its input like ffmpeg and then runs `script` in Node.js. `frame` holds the planes of one tile. */
async function fakeFfmpeg(script: string): Promise<string> {
  const planes: Buffer[] = [];
  const [tile] = readHeifPicture(file).tiles;
  if (!tile) throw new Error('no tile');
  decodeTile(tile, (decoded) => {
    for (const { data, width, height, stride } of decoded.planes)
      for (let y = 0; y < height; y++) planes.push(Buffer.from(data.subarray(y * stride, y * stride + width)));
  });
  const program = join(folder, randomUUID());
  const text = `#!${process.execPath}
    const frame = Buffer.from('${Buffer.concat(planes).toString('base64')}', 'base64');
    const input = [];
    process.stdin.on('data', (chunk) => input.push(chunk)).on('end', () => {
      const tiles = Buffer.concat(input).toString('latin1').split('\\0\\0\\0\\x01').length - 1;
      ${script}
    });`;
  await writeFile(program, text);
  await chmod(program, 0o755);
  return program;
}

const pixels = async (ffmpeg?: string) => Buffer.from((await decodeHeic(file, { ffmpeg })).picture.data);

test('makes the same picture from the tiles that ffmpeg decodes', async () => {
  // Marks the last tile, which the comparison of the first tile does not cover, to show that ffmpeg's frames are used.
  const marked = await fakeFfmpeg(
    'const frames = Array.from({ length: 6 }, () => Buffer.from(frame)); frames[5].fill(235, 0, 4096); process.stdout.write(Buffer.concat(frames));',
  );
  const [own, by] = [await pixels(), await pixels(marked)];
  expect(by.equals(own)).toBe(false);
  expect(by.subarray(0, 64 * 180 * 3).equals(own.subarray(0, 64 * 180 * 3))).toBe(true);
  const exact = await fakeFfmpeg('process.stdout.write(Buffer.concat(Array(6).fill(frame)));');
  expect((await pixels(exact)).equals(own)).toBe(true);
});

test('sends all units of all tiles, each tile with its parameter sets', async () => {
  const perTile = codedTiles.limited.parameterSets.length + codedTiles.limited.slices.length;
  const counting = await fakeFfmpeg(
    `if (tiles !== ${perTile * 6}) process.exit(1); frame.fill(0); process.stdout.write(Buffer.concat([...Array(6).fill(frame)]));`,
  );
  // The first tile differs from the built-in decoder's, so the output is not used.
  expect((await pixels(counting)).equals(await pixels())).toBe(true);
});

test('ignores an ffmpeg that fails, prints errors, gives too little or too much output or is missing', async () => {
  const own = await pixels();
  const frames = 'Buffer.concat(Array(6).fill(frame).map((f) => Buffer.from(f).fill(90, 64)))';
  for (const script of [
    `process.stdout.write(${frames}, () => process.exit(1));`,
    `process.stderr.write('error'); process.stdout.write(${frames});`,
    `process.stdout.write(${frames}.subarray(1));`,
    `process.stdout.write(${frames}); process.stdout.write(frame);`,
    `process.stdout.write(${frames});`,
    'process.abort();',
  ])
    expect((await pixels(await fakeFfmpeg(script))).equals(own), script).toBe(true);
  expect((await pixels(join(folder, 'missing'))).equals(own)).toBe(true);
  const damaged = Buffer.from(file).fill(0x55, file.length - 300);
  const outcome = await decodeHeic(damaged, { ffmpeg: join(folder, 'missing') }).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ImageRejected);
});

test('starts no process for a picture that cannot be split into units', async () => {
  const program = await fakeFfmpeg('');
  const { limited } = codedTiles;
  const sequence = limited.parameterSets.filter((unit) => (unit[0] ?? 0) >> 1 === 33);
  const damaged = heif({ tile: limited, grid, extraUnits: sequence });
  await expect(decodeHeic(damaged, { ffmpeg: program })).rejects.toBeInstanceOf(ImageRejected);
  const { stdout } = spawnSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  expect(stdout).not.toContain(program);
});

test('gives bit-identical pictures with and without the ffmpeg of this machine, if there is one', async () => {
  for (const tile of [codedTiles.limited, codedTiles.full]) {
    const bytes = heif({ tile, grid: { columns: 4, rows: 4, width: 250, height: 199 } });
    const ffmpeg = findFfmpeg(process.env.PATH) ?? undefined;
    const [own, by] = [await decodeHeic(bytes), await decodeHeic(bytes, { ffmpeg })];
    expect(Buffer.from(by.picture.data).equals(own.picture.data)).toBe(true);
  }
});

test('finds ffmpeg on the search path and uses it only for common pictures', async () => {
  const program = join(folder, 'ffmpeg');
  await writeFile(program, '');
  expect(findFfmpeg(folder)).toBeNull();
  await chmod(program, 0o755);
  expect(findFfmpeg(`/nowhere:.:relative:${folder}`)).toBe(program);
  expect([findFfmpeg(undefined), findFfmpeg('')]).toEqual([null, null]);
  const suits = (tile: (typeof codedTiles)[keyof typeof codedTiles], columns: number) =>
    suitsFfmpeg(readHeifPicture(heif({ tile, grid: { columns, rows: 1, width: columns * 64, height: 64 } })));
  expect([suits(codedTiles.full, 4), suits(codedTiles.full, 2)]).toEqual([true, false]);
  expect([suits(codedTiles.tenBits, 4), suits(codedTiles.fullChroma, 4), suits(codedTiles.grey, 4)]).toEqual([
    false,
    false,
    false,
  ]);
});

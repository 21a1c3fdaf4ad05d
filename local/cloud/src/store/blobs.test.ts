import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiskFull, openBlobs } from './blobs.ts';

const mebibyte = 1024 * 1024;
let folder: string;
/** The free space that the disk reports. */
let free: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-blobs-'));
  free = 256 * mebibyte;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => openBlobs(folder, 64 * mebibyte, async () => free);

/** A stream that the test releases one mebibyte at a time. */
function slowly(mebibytes: number) {
  const waiting: (() => void)[] = [];
  let sent = 0;
  async function* bytes(): AsyncGenerator<Buffer> {
    for (; sent < mebibytes; sent += 1) {
      await new Promise<void>((resolve) => waiting.push(resolve));
      yield Buffer.alloc(mebibyte);
    }
  }
  const allow = async (count: number) => {
    const until = Math.min(sent + count, mebibytes);
    while (sent < until) {
      for (const next of waiting.splice(0)) next();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { bytes: bytes(), allow };
}

test('shares the free space among running uploads and refuses one that does not fit before it sends a byte', async () => {
  const blobs = await open();
  const first = slowly(120);
  const writing = blobs.write(first.bytes, 120 * mebibyte);
  await first.allow(1);
  await expect(blobs.write(slowly(120).bytes, 120 * mebibyte)).rejects.toThrow(DiskFull);
  await first.allow(120);
  await writing;
  // A finished upload releases its reservation. The disk reports the space that it used.
  free -= 60 * mebibyte;
  const second = slowly(1);
  const again = blobs.write(second.bytes, 1 * mebibyte);
  await second.allow(1);
  await again;
});

test('two uploads that start at the same time take account of each other', async () => {
  const blobs = await open();
  const empty = async function* (): AsyncGenerator<Buffer> {};
  const outcomes = await Promise.allSettled([1, 2].map(() => blobs.write(empty(), 100 * mebibyte)));
  expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
});

test('aborts an upload and removes its data if the disk fills up meanwhile', async () => {
  const blobs = await open();
  let sent = 0;
  async function* bytes(): AsyncGenerator<Buffer> {
    for (; sent < 100; sent += 1) {
      if (sent === 4) free = 64 * mebibyte;
      yield Buffer.alloc(mebibyte);
    }
  }
  await expect(blobs.write(bytes(), 100 * mebibyte)).rejects.toThrow(DiskFull);
  expect(sent).toBeLessThan(20);
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
});

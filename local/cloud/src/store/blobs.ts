import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from './database.ts';

/** There is no room for the bytes. Nothing of them was kept. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

export interface Blobs {
  /**
   * Stores the bytes of `source` under a new id. When it returns they are on disk and outlast a power cut; when it throws
   * nothing is left of them.
   * @param expectedBytes to refuse at once what cannot fit
   */
  write(source: AsyncIterable<Buffer>, expectedBytes: number): Promise<string>;
  open(id: string): Promise<FileHandle>;
  remove(...ids: string[]): Promise<void>;
}

/**
 * Bytes as files named by UUID: nothing that a client sends ever becomes part of a path. 256 folders keep listings short.
 * @param reserveBytes kept free on the disk, so that the database beside it can go on
 */
export async function openBlobs(
  folder: string,
  reserveBytes: number,
  freeBytes: (folder: string) => Promise<number> = freeBytesOf,
): Promise<Blobs> {
  const temporary = join(folder, 'tmp');
  const shards = join(folder, 'blobs');
  await mkdir(shards, { recursive: true });
  // What is in there belongs to requests that were cut off with the process that served them.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  for (let shard = 0; shard < 256; shard += 1) {
    await mkdir(join(shards, shard.toString(16).padStart(2, '0')), { recursive: true });
  }
  await syncFolder(shards);
  await syncFolder(folder);

  const room = createRoom(reserveBytes, () => freeBytes(folder));
  const pathOf = (id: string) => join(shards, id.slice(0, 2), id);
  return {
    async write(source, expectedBytes) {
      const share = await room.claim(expectedBytes);
      const id = randomUUID();
      const unfinished = join(temporary, id);
      const final = pathOf(id);
      try {
        await writeAndSync(unfinished, source, share);
        await rename(unfinished, final);
        await syncFolder(join(shards, id.slice(0, 2)));
      } catch (error) {
        await rm(unfinished, { force: true });
        await rm(final, { force: true });
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'ENOSPC' || code === 'EDQUOT') throw new DiskFull('no space left', { cause: error });
        throw error;
      } finally {
        share.release();
      }
      return id;
    },
    open: (id) => open(pathOf(id), 'r'),
    async remove(...ids) {
      for (const id of ids) await rm(pathOf(id), { force: true });
    },
  };
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** What one upload has claimed of the disk. */
interface Share {
  /** @throws DiskFull when the disk was filled by others meanwhile */
  wrote(bytes: number): Promise<void>;
  release(): void;
}

/** So often an upload looks at the disk again, in bytes written. */
const checkEvery = 8 * 1024 * 1024;

/** Divides what is free among the uploads under way: each could be written alone, and all together might fill the disk. */
function createRoom(reserveBytes: number, freeBytes: () => Promise<number>) {
  /** Announced and not written yet, of all uploads. */
  let claimed = 0;
  return {
    /** @throws DiskFull when there is no room for so many bytes */
    async claim(bytes: number): Promise<Share> {
      // Claimed before the disk is asked, so that two at once count each other.
      claimed += bytes;
      let left = bytes;
      let unchecked = 0;
      const take = (count: number) => {
        claimed -= count;
        left -= count;
      };
      const check = async () => {
        if ((await freeBytes()) - claimed >= reserveBytes) return;
        take(left);
        throw new DiskFull(`fewer than ${bytes + reserveBytes} bytes are free`);
      };
      await check();
      return {
        async wrote(count) {
          take(Math.min(count, left));
          unchecked += count;
          if (unchecked < checkEvery) return;
          unchecked = 0;
          await check();
        },
        release: () => take(left),
      };
    },
  };
}

async function writeAndSync(path: string, source: AsyncIterable<Buffer>, share: Share): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of source) {
      for (let written = 0; written < chunk.length; ) {
        written += (await file.write(chunk, written)).bytesWritten;
      }
      await share.wrote(chunk.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and journals renames itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes blobs without a row: of requests that were cut off between file and row, or of overwritten objects. To be run
 * before requests are taken.
 * @returns how many were removed
 */
export async function sweepBlobs(folder: string, database: Database): Promise<number> {
  // A predecessor that was killed may have left a COMMIT in flight. It holds its locks until it is through: wait for it.
  await database.transact((tx) => tx.query('lock table local_cloud.objects in share mode'));
  let removed = 0;
  for (const shard of await readdir(join(folder, 'blobs'))) {
    const files = await readdir(join(folder, 'blobs', shard));
    const ids = files.filter((name) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name));
    if (ids.length === 0) continue;
    const orphans = await database.query<{ id: string }>(
      `select id from unnest($1::uuid[]) as id
       where not exists (select from local_cloud.objects where blob = id)`,
      [ids],
    );
    for (const { id } of orphans) await rm(join(folder, 'blobs', shard, id), { force: true });
    removed += orphans.length;
  }
  return removed;
}

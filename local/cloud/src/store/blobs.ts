import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from './database.ts';
import { mayRemoveBlobs } from './keep-blobs.ts';

/** The disk has no room for the bytes. Nothing was stored. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

export interface Blobs {
  /**
   * Stores the bytes of `source` under a new id. When it returns, they are on disk and survive a power failure. When it
   * throws, nothing is left of them.
   * @param expectedBytes the expected size, so that an upload that cannot fit is refused at once
   */
  write(source: AsyncIterable<Buffer>, expectedBytes: number): Promise<string>;
  open(id: string): Promise<FileHandle>;
  remove(...ids: string[]): Promise<void>;
}

/**
 * Stores bytes in files named by UUID, so no client input becomes part of a path. 256 folders keep listings short.
 * @param reserveBytes disk space to keep free, so that the database on the same disk keeps working
 */
export async function openBlobs(
  folder: string,
  reserveBytes: number,
  freeBytes: (folder: string) => Promise<number> = freeBytesOf,
): Promise<Blobs> {
  const temporary = join(folder, 'tmp');
  const shards = join(folder, 'blobs');
  await mkdir(shards, { recursive: true });
  // The folder contains only files of requests that the previous process did not finish.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary);
  for (let shard = 0; shard < 256; shard += 1) {
    await mkdir(join(shards, shard.toString(16).padStart(2, '0')), { recursive: true });
  }
  await syncFolder(shards);
  await syncFolder(folder);

  const space = createReservations(reserveBytes, () => freeBytes(folder));
  const pathOf = (id: string) => join(shards, id.slice(0, 2), id);
  return {
    async write(source, expectedBytes) {
      const reservation = await space.reserve(expectedBytes);
      const id = randomUUID();
      const unfinished = join(temporary, id);
      const final = pathOf(id);
      try {
        await writeAndSync(unfinished, source, reservation);
        await rename(unfinished, final);
        await syncFolder(join(shards, id.slice(0, 2)));
      } catch (error) {
        await rm(unfinished, { force: true });
        await rm(final, { force: true });
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'ENOSPC' || code === 'EDQUOT') throw new DiskFull('no space left', { cause: error });
        throw error;
      } finally {
        reservation.release();
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

/** The reserved disk space of an upload. */
interface Reservation {
  /** @throws DiskFull if the disk was filled meanwhile */
  wrote(bytes: number): Promise<void>;
  release(): void;
}

/** An upload checks the free space each time it has written this many bytes. */
const checkEvery = 8 * 1024 * 1024;

/** Reserves disk space for running uploads. Each may fit alone while all together would fill the disk. */
function createReservations(reserveBytes: number, freeBytes: () => Promise<number>) {
  /** Reserved but unwritten bytes of all uploads. */
  let reserved = 0;
  return {
    /** @throws DiskFull if there is not enough room */
    async reserve(bytes: number): Promise<Reservation> {
      // Reserved before checking the disk, so that concurrent uploads count each other.
      reserved += bytes;
      let left = bytes;
      let unchecked = 0;
      const take = (count: number) => {
        reserved -= count;
        left -= count;
      };
      const check = async () => {
        try {
          if ((await freeBytes()) - reserved >= reserveBytes) return;
        } catch (error) {
          take(left);
          throw error;
        }
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

async function writeAndSync(path: string, source: AsyncIterable<Buffer>, reservation: Reservation): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of source) {
      for (let written = 0; written < chunk.length; ) {
        written += (await file.write(chunk, written)).bytesWritten;
      }
      await reservation.wrote(chunk.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, but it journals renames itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes blobs without a row: those of interrupted requests and of overwritten objects. Run this before accepting
 * requests. While a backup reads the blobs, nothing is removed; the next start removes them.
 * @returns the number of removed blobs
 */
export async function sweepBlobs(folder: string, database: Database): Promise<number> {
  // A killed server may have left a COMMIT in flight. Its locks last until it completes, so this statement waits for it.
  await database.transact((tx) => tx.query('lock table local_cloud.objects in share mode'));
  // In one transaction, because a backup that begins in the meantime waits for its end.
  return database.transact(async (tx) => {
    if (!(await mayRemoveBlobs(tx))) return 0;
    let removed = 0;
    for (const shard of await readdir(join(folder, 'blobs'))) {
      const files = await readdir(join(folder, 'blobs', shard));
      const ids = files.filter((name) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name));
      if (ids.length === 0) continue;
      const orphans = await tx.query<{ id: string }>(
        `select id from unnest($1::uuid[]) as id
         where not exists (select from local_cloud.objects where blob = id)`,
        [ids],
      );
      for (const { id } of orphans) await rm(join(folder, 'blobs', shard, id), { force: true });
      removed += orphans.length;
    }
    return removed;
  });
}

import { createWriteStream } from 'node:fs';
import { chown, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Account, chooseAccount } from './account.ts';
import { findCluster, placeCluster, rememberCluster } from './cluster.ts';
import { makeStateFolder, syncFolder } from './folder.ts';
import { PostgresError } from './postgres-error.ts';

/** A cluster that is being restored from a backup. */
export interface RestoringCluster {
  /** @param path relative to the cluster, validated by the caller. @param bytes undefined for a folder */
  add(path: string, bytes: AsyncIterable<Buffer> | undefined): Promise<void>;
  /** Completes the restore, so that the next start finds the cluster. */
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** Starts to restore a cluster where `startPostgres` would create one. @throws PostgresError if one already exists */
export async function restoreCluster(dataDir: string): Promise<RestoringCluster> {
  await makeStateFolder(dataDir);
  if ((await findCluster(dataDir)) !== undefined) {
    throw new PostgresError('folder_unusable', `${dataDir} already has a database. Restore into an empty folder.`);
  }
  const account = await chooseAccount();
  const cluster = await placeCluster(dataDir, account, false);
  const parent = dirname(cluster);
  await makeStateFolder(parent);
  const unfinished = join(parent, `${basename(cluster)}.restore-${process.pid}`);
  await makeFolder(unfinished, account);
  return {
    async add(path, bytes) {
      const target = join(unfinished, path);
      if (bytes === undefined) return makeFolder(target, account);
      await pipeline(bytes, createWriteStream(target, { mode: 0o600, flags: 'wx', flush: true }));
      if (account) await chown(target, account.uid, account.gid);
    },
    async finish() {
      await rename(unfinished, cluster);
      await syncFolder(parent);
      await rememberCluster(dataDir, cluster);
    },
    discard: () => rm(unfinished, { recursive: true, force: true }),
  };
}

async function makeFolder(folder: string, account: Account | undefined): Promise<void> {
  await mkdir(folder, { mode: 0o700, recursive: true });
  if (account) await chown(folder, account.uid, account.gid);
}

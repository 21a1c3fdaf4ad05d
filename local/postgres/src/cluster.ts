import { randomUUID } from 'node:crypto';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type Account, canReachParents } from './account.ts';
import type { Binaries } from './binaries.ts';
import { makeStateFolder, syncFolder } from './folder.ts';
import { diskFull, errorCode, folderError, PostgresError } from './postgres-error.ts';
import { isAlive, run } from './run.ts';

/** Contains the path of a cluster that is outside the data folder. */
const pointerFile = 'cluster.json';

/**
 * If root starts Spinbay, the files that the unprivileged database user needs are here, because that user can seldom access
 * home folders.
 */
const rootStateFolder = '/var/lib/spinbay';

/** The cluster folder of `dataDir`, or undefined before the first start. */
export async function findCluster(dataDir: string): Promise<string | undefined> {
  const pointer = await readPointer(dataDir);
  if (pointer !== undefined) {
    if ((await clusterMajor(pointer)) !== undefined) return pointer;
    throw new PostgresError(
      'folder_unusable',
      `${join(dataDir, pointerFile)} says that the database is in ${pointer}, but that folder has none. Restore the folder, or delete ${dataDir} to start with an empty database.`,
    );
  }
  const own = join(dataDir, 'cluster');
  return (await clusterMajor(own)) === undefined ? undefined : own;
}

/**
 * @returns undefined if there is no pointer
 * @throws PostgresError if it is damaged: a start without it would create an empty database
 */
async function readPointer(dataDir: string): Promise<string | undefined> {
  const file = join(dataDir, pointerFile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw folderError(dataDir, error);
  }
  const cluster = clusterOf(text);
  if (cluster === undefined)
    throw new PostgresError(
      'folder_unusable',
      `${file} is damaged. It says where the database is: {"cluster": "FOLDER"}, with a folder below ${rootStateFolder}. Restore it, or delete ${dataDir} to start with an empty database.`,
    );
  return cluster;
}

function clusterOf(text: string): string | undefined {
  try {
    const pointer: unknown = JSON.parse(text);
    if (typeof pointer === 'object' && pointer && 'cluster' in pointer && typeof pointer.cluster === 'string')
      return pointer.cluster;
  } catch {
    // The file is truncated, for example because the disk was full.
  }
  return undefined;
}

/** Chooses the folder of a new cluster: in the data folder if the account can access it there, else in a state folder. */
export async function placeCluster(dataDir: string, account: Account | undefined, throwAway: boolean): Promise<string> {
  const own = join(resolve(dataDir), 'cluster');
  if (await canReachParents(account, own)) return own;
  if (!throwAway) return join(rootStateFolder, randomUUID());
  return join(await temporaryFolder(account), `spinbay-postgres-${randomUUID()}`);
}

/** A folder for temporary files that the account can access. */
export async function temporaryFolder(account: Account | undefined): Promise<string> {
  for (const folder of [tmpdir(), '/tmp', '/var/tmp']) {
    if (await canReachParents(account, join(folder, 'x')).catch(() => false)) return folder;
  }
  return rootStateFolder;
}

/** The folder for copies of the binaries for this account. */
export async function stateFolder(dataDir: string, account: Account | undefined, throwAway: boolean): Promise<string> {
  if (throwAway) return join(await temporaryFolder(account), `spinbay-${process.getuid?.() ?? 0}`);
  return account ? rootStateFolder : resolve(dataDir);
}

/**
 * The major version of the cluster, or undefined if the folder is missing or empty.
 * @throws PostgresError if the folder cannot be read, because it may contain a database
 */
export async function clusterMajor(cluster: string): Promise<string | undefined> {
  try {
    return (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw folderError(cluster, error);
  }
  let content: string[];
  try {
    content = await readdir(cluster);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw folderError(cluster, error);
  }
  if (content.length === 0) return undefined;
  throw new PostgresError(
    'folder_unusable',
    `${cluster} is not empty and does not contain a PostgreSQL database. Move its content elsewhere, or choose another data folder (SPINBAY_DATA_DIR).`,
  );
}

export function assertSameMajor(cluster: string, major: string, binaries: Binaries): void {
  if (major === binaries.major) return;
  throw new PostgresError(
    'version_mismatch',
    `The database in ${cluster} was created by PostgreSQL ${major}, but this Spinbay includes PostgreSQL ${binaries.version}. Start the Spinbay version that created it and dump the database with pg_dump, or choose another data folder (SPINBAY_DATA_DIR) to start with an empty one.`,
  );
}

export interface InitOptions {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly superuserPassword: string;
  /** False: does not flush to disk. For tests. */
  readonly durable: boolean;
}

/**
 * Creates a new cluster in `cluster` atomically: initdb uses another name, and the folder is renamed at the end, so an
 * interruption leaves no incomplete database.
 */
export async function initCluster(cluster: string, options: InitOptions): Promise<void> {
  const { binaries, account } = options;
  const parent = dirname(cluster);
  const unfinished = join(parent, `${basename(cluster)}.init-${process.pid}`);
  try {
    await makeStateFolder(parent);
    await removeInterrupted(parent, basename(cluster));
    await mkdir(unfinished, { mode: 0o700 });
    if (account) await chown(unfinished, account.uid, account.gid);
    await initdb(unfinished, options, join(parent, `${basename(cluster)}.password-${process.pid}`));
    await writeFile(join(unfinished, 'postgresql.conf'), "include 'spinbay.conf'\n", { flag: 'a' });
    await rename(unfinished, cluster);
    if (options.durable) await syncFolder(parent);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (error instanceof PostgresError) throw error;
    throw folderError(parent, error);
  }

  async function initdb(folder: string, { superuserPassword, durable }: InitOptions, passwordFile: string) {
    try {
      await writeFile(passwordFile, `${superuserPassword}\n`, { mode: 0o600 });
      if (account) await chown(passwordFile, account.uid, account.gid);
      const args = ['-D', folder, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
      args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
      if (!durable) args.push('--no-sync', '--wal-segsize=1');
      const { status, output } = await run(binaries.initdb, [...args, '--no-instructions'], { account, cwd: folder });
      if (status === 0) return;
      if (/No space left on device/.test(output)) throw diskFull(parent);
      throw new PostgresError('start_failed', `The database could not be created in ${parent}: ${lastLines(output)}`);
    } finally {
      await rm(passwordFile, { force: true });
    }
  }
}

/** Records the path of the cluster if it is outside `dataDir`. */
export async function rememberCluster(dataDir: string, cluster: string): Promise<void> {
  if (cluster === join(resolve(dataDir), 'cluster')) return;
  const file = join(dataDir, pointerFile);
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ cluster })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
  await syncFolder(dataDir);
}

/** Deletes the cluster of `dataDir`, wherever it is. Its server must be stopped. */
export async function removeCluster(dataDir: string): Promise<void> {
  const cluster = await findCluster(dataDir);
  if (cluster) await rm(cluster, { recursive: true, force: true });
  await rm(join(dataDir, pointerFile), { force: true });
}

export function lastLines(output: string): string {
  return output.trim().split('\n').slice(-6).join(' | ').slice(-1500);
}

/** Removes the leftovers of an interrupted initdb. */
async function removeInterrupted(parent: string, name: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const pid = entry.startsWith(`${name}.`) ? /\.(?:init|password)-(\d+)$/.exec(entry)?.[1] : undefined;
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue;
    await rm(join(parent, entry), { recursive: true, force: true });
  }
}

import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import pg from 'pg';
import { findCluster } from './cluster.ts';
import { PostgresError } from './postgres-error.ts';
import { serverUrl } from './server.ts';

/** A file or an empty folder of a cluster in a backup. */
export interface ClusterFile {
  /** The path relative to the cluster, with `/` between its parts. */
  readonly path: string;
  /** Undefined for a folder. */
  readonly content?: { readonly size: number; read(): AsyncIterable<Buffer> } | undefined;
}

export interface BackupOptions {
  /** The data folder of `startPostgres`. */
  readonly dataDir: string;
  readonly port: number;
  readonly superuserPassword: string;
  /** Called for each file, one at a time. */
  add(file: ClusterFile): Promise<void>;
}

/** Folders that are copied empty, as by pg_basebackup. The part of `pg_wal` that the copy needs is added at the end. */
const emptied = new Set([
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
]);
const leftOut =
  /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*|spinbay\.conf(\.new)?|backup_label|tablespace_map)$/;

/**
 * Copies a cluster while its server runs, with PostgreSQL's backup protocol (pg_backup_start, pg_backup_stop). The files may
 * change while they are read. The copied write-ahead log brings them to a consistent state: a server that is started from
 * the copy has every transaction that was committed before pg_backup_stop, and none that was committed after this returns.
 * @throws PostgresError if there is no cluster in the folder
 */
export async function backUpCluster({ dataDir, port, superuserPassword, add }: BackupOptions): Promise<void> {
  const cluster = await findCluster(dataDir);
  if (cluster === undefined) throw new PostgresError('folder_unusable', `There is no database in ${dataDir}.`);
  const client = new pg.Client({ connectionString: serverUrl(port, superuserPassword) });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Keeps the log that the copy needs. The slot is dropped with this connection.
    await client.query(`select pg_create_physical_replication_slot('spinbay_backup_' || pg_backend_pid(), true, true)`);
    const begun = await client.query<{ wal: string }>(
      `select pg_walfile_name(pg_backup_start('spinbay backup', true)) as wal`,
    );
    for await (const file of filesOf(cluster, cluster)) await add(file);
    const ended = await client.query<{ wal: string; label: string }>(
      `select pg_walfile_name(lsn) as wal, labelfile as label from pg_backup_stop(false)`,
    );
    const [from, to, label] = [begun.rows[0]?.wal ?? '', ended.rows[0]?.wal ?? '', ended.rows[0]?.label ?? ''];
    await add({ path: 'backup_label', content: textContent(label) });
    const log = join(cluster, 'pg_wal');
    for (const name of (await readdir(log)).sort()) {
      if (/^[0-9A-F]{24}$/.test(name) && name >= from && name <= to) await add(await fileAt(cluster, join(log, name)));
    }
    for (const folder of ['archive_status', 'summaries']) await add({ path: `pg_wal/${folder}` });
  } finally {
    await client.end();
  }
}

async function* filesOf(cluster: string, folder: string): AsyncIterable<ClusterFile> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (leftOut.test(entry.name)) continue;
    if (entry.isDirectory()) {
      yield { path: nameIn(cluster, path) };
      if (!(folder === cluster && emptied.has(entry.name))) yield* filesOf(cluster, path);
    } else if (entry.isFile()) {
      const file = await fileAt(cluster, path).catch(ignoreGone);
      if (file !== undefined) yield file;
    }
  }
}

async function fileAt(cluster: string, path: string): Promise<ClusterFile> {
  const { size } = await stat(path);
  return { path: nameIn(cluster, path), content: { size, read: () => exactly(path, size) } };
}

/** Ignores the file of a table that was dropped meanwhile. The log also records the drop. */
function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Reads exactly `size` bytes, even if the file has changed. The log records the changes. */
async function* exactly(path: string, size: number): AsyncIterable<Buffer> {
  let left = size;
  try {
    for await (const chunk of createReadStream(path, { end: Math.max(0, size - 1) }) as AsyncIterable<Buffer>) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length > 0) yield part;
    }
  } catch (error) {
    ignoreGone(error as NodeJS.ErrnoException);
  }
  for (; left > 0; left -= Math.min(left, 65_536)) yield Buffer.alloc(Math.min(left, 65_536));
}

function textContent(text: string) {
  const bytes = Buffer.from(text);
  return {
    size: bytes.length,
    read: async function* () {
      yield bytes;
    },
  };
}

function nameIn(cluster: string, path: string): string {
  return relative(cluster, path).split(sep).join('/');
}

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { keepBlobs } from '@spinbay/local-cloud';
import { backUpCluster, startPostgres } from '@spinbay/local-postgres';
import pg from 'pg';
import { type Pack, pack } from 'tar-stream';
import { exists, readSecrets, type Secrets } from '../data-folder.ts';
import { readEndpoints } from '../endpoints.ts';
import { isLocked, lockInstance } from '../instance-lock.ts';
import { StackError } from '../stack-error.ts';
import { type Manifest, notBackedUp } from './format.ts';

export interface BackupOptions {
  readonly dataDir: string;
  /** The file must not exist yet. It gets mode 0600, because it contains every secret of the installation. */
  readonly file: string;
  /** Version of this program. */
  readonly version: string;
  onProgress(label: string, count: number, total: number): void;
}

export interface BackupResult {
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * Writes a consistent copy of a local installation, running or stopped, into one file: the database as it is at the end of
 * its copy, and the bytes of every object that it names.
 * @throws StackError; no incomplete file is then left
 */
export async function backUp({ dataDir: folder, file, version, onProgress }: BackupOptions): Promise<BackupResult> {
  const dataDir = resolve(folder);
  const kept = await readSecrets(dataDir);
  if (kept === null || !(await exists(join(dataDir, 'postgres')))) {
    throw new StackError(
      `${dataDir} has no installation with a local database. Set SPINBAY_DATA_DIR to the data folder of the installation. Back up an external database (DATABASE_URL) with its own tools.`,
    );
  }
  if (await exists(file)) throw new StackError(`${file} already exists. Choose another name, or remove it.`);
  const database = await openDatabase(dataDir, kept.secrets);
  const draft = `${file}.${process.pid}.partial`;
  try {
    const result = await write(draft, { dataDir, version, onProgress, ...database });
    // A rename would replace a file that was created in the meantime.
    await link(draft, file);
    return result;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC') throw new StackError(`The disk of ${file} is full.`, { cause: error });
    if (code === 'EACCES' || code === 'ENOENT') {
      throw new StackError(`${file} cannot be written (${code}).`, { cause: error });
    }
    throw error;
  } finally {
    await rm(draft, { force: true });
    await database.close();
  }
}

interface Database {
  readonly port: number;
  readonly superuserPassword: string;
  close(): Promise<void>;
}

/** The database of the running installation. If the installation is stopped, its database is started for the copy. */
async function openDatabase(dataDir: string, { postgresPassword }: Secrets): Promise<Database> {
  // A killed installation leaves its addresses behind.
  const running = (await isLocked(dataDir)) ? await readEndpoints(dataDir) : null;
  if (running !== null) {
    const port = Number(new URL(running.database).port);
    return { port, superuserPassword: postgresPassword, close: async () => undefined };
  }
  const lock = await lockInstance(dataDir);
  try {
    const server = await startPostgres({
      dataDir: join(dataDir, 'postgres'),
      port: 0,
      superuserPassword: postgresPassword,
      log: { info: () => undefined },
    });
    return {
      port: server.port,
      superuserPassword: postgresPassword,
      close: async () => {
        await server.stop('fast');
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

type Work = Pick<BackupOptions, 'dataDir' | 'version' | 'onProgress'> & Pick<Database, 'port' | 'superuserPassword'>;

async function write(target: string, work: Work): Promise<BackupResult> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(target, { mode: 0o600, flags: 'wx', flush: true }));
  // A full disk rejects this promise, while the entry that is being added never settles.
  const failed = written.then(() => new Promise<never>(() => undefined));
  return Promise.race([
    failed,
    addAll(archive, work).then(async (result) => {
      archive.finalize();
      await written;
      return result;
    }),
  ]).catch((error: unknown) => {
    archive.destroy();
    throw error;
  });
}

async function addAll(archive: Pack, work: Work): Promise<BackupResult> {
  const { dataDir, port, superuserPassword, onProgress } = work;
  const writer = startEntries(archive);
  const manifest: Manifest = {
    format: 2,
    made_at: new Date().toISOString(),
    spinbay: work.version,
    platform: process.platform,
    arch: process.arch,
  };
  await writer.addText('manifest.json', JSON.stringify(manifest));
  const url = new URL(`postgres://postgres@127.0.0.1:${port}/spinbay_cloud`);
  url.password = superuserPassword;
  const keeper = new pg.Client({ connectionString: url.toString() });
  // If the connection breaks, the check at the end fails, too.
  keeper.on('error', () => undefined);
  await keeper.connect();
  try {
    await keepBlobs(keeper);
    let files = 0;
    await backUpCluster({
      dataDir: join(dataDir, 'postgres'),
      port,
      superuserPassword,
      add: async ({ path, content }) => {
        files += 1;
        onProgress('files of the database', files, files);
        await writer.add(`cluster/${path}`, content);
      },
    });
    for (const path of await filesOf(dataDir)) await writer.add(`files/${path}`, await contentOf(join(dataDir, path)));
    // After the database: the bytes of an object are stored before its row, and nothing is deleted during the backup.
    const blobs = await blobsOf(join(dataDir, 'objects', 'blobs'));
    for (const [index, { path, name }] of blobs.entries()) {
      await writer.add(`blobs/${name}`, await contentOf(path));
      onProgress('photos and renditions', index + 1, blobs.length);
    }
    // If this connection broke, objects may have been deleted since then, and the backup would be incomplete.
    await keeper.query('select 1');
    await writer.end();
    return { blobs: blobs.length, bytes: writer.bytes() };
  } finally {
    await keeper.end();
  }
}

interface Content {
  readonly size: number;
  read(): AsyncIterable<Buffer>;
}

function startEntries(archive: Pack) {
  const digest = createHash('sha256');
  let entries = 0;
  let bytes = 0;
  const put = async (name: string, content: Content | undefined) => {
    if (content === undefined) {
      await new Promise<void>((resolve, reject) =>
        archive.entry({ name, type: 'directory', mode: 0o700 }, (error) => (error ? reject(error) : resolve())).end(),
      );
      return;
    }
    const entry = archive.entry({ name, size: content.size, mode: 0o600 });
    await pipeline(
      content.read(),
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          digest.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      },
      entry,
    );
  };
  const text = (value: string): Content => {
    const buffer = Buffer.from(value);
    return {
      size: buffer.length,
      read: async function* () {
        yield buffer;
      },
    };
  };
  return {
    addText: (name: string, value: string) => put(name, text(value)),
    async add(name: string, content: Content | undefined) {
      entries += 1;
      await put(name, content);
    },
    async end() {
      const end = { entries, sha256: digest.copy().digest('hex') };
      await put('end.json', text(JSON.stringify(end)));
    },
    bytes: () => bytes,
  };
}

/** The paths of the files in the data folder, and of the certificates that phones have accepted. */
async function filesOf(dataDir: string): Promise<string[]> {
  const namesIn = async (folder: string) =>
    (await readdir(folder, { withFileTypes: true })).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  const top = (await namesIn(dataDir)).filter((name) => !notBackedUp.has(name));
  const lan = join(dataDir, 'lan');
  return (await exists(lan)) ? [...top, ...(await namesIn(lan)).map((name) => `lan/${name}`)] : top;
}

async function blobsOf(folder: string): Promise<{ path: string; name: string }[]> {
  const found: { path: string; name: string }[] = [];
  for (const shard of (await readdir(folder)).sort()) {
    for (const blob of await readdir(join(folder, shard))) {
      found.push({ path: join(folder, shard, blob), name: `${shard}/${blob}` });
    }
  }
  return found;
}

async function contentOf(path: string): Promise<Content> {
  const { size } = await stat(path);
  return { size, read: () => createReadStream(path) };
}

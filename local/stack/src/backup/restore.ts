import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type RestoringCluster, restoreCluster } from '@spinbay/local-postgres';
import { extract } from 'tar-stream';
import { makeDataFolder } from '../data-folder.ts';
import { lockInstance } from '../instance-lock.ts';
import { StackError } from '../stack-error.ts';
import { End, Manifest, parseEntryName, unfinishedMark } from './format.ts';

export interface RestoreOptions {
  readonly file: string;
  /** An empty or missing folder. */
  readonly dataDir: string;
  onProgress(label: string, count: number): void;
}

/**
 * Restores a backup into an empty data folder. Until this returns, an installation refuses to start on the folder.
 * @throws StackError if the folder is not empty, or if the restore fails: nothing of the backup is then left in the folder
 */
export async function restore({ file, dataDir: folder, onProgress }: RestoreOptions): Promise<Manifest> {
  const dataDir = resolve(folder);
  await makeDataFolder(dataDir);
  if ((await readdir(dataDir)).length > 0) {
    throw new StackError(
      `${dataDir} is not empty. A backup needs an empty folder. Set SPINBAY_DATA_DIR to another one, or move this one away.`,
    );
  }
  const lock = await lockInstance(dataDir);
  let cluster: RestoringCluster | undefined;
  try {
    await writeFile(join(dataDir, unfinishedMark), '', { mode: 0o600 });
    cluster = await restoreCluster(join(dataDir, 'postgres'));
    const manifest = await readArchive(file, dataDir, cluster, onProgress);
    await cluster.finish();
    await rm(join(dataDir, unfinishedMark));
    await syncFolder(dataDir);
    await lock.release();
    return manifest;
  } catch (error) {
    await cluster?.discard();
    for (const entry of await readdir(dataDir)) await rm(join(dataDir, entry), { recursive: true, force: true });
    throw error;
  }
}

async function readArchive(
  file: string,
  dataDir: string,
  cluster: RestoringCluster,
  onProgress: RestoreOptions['onProgress'],
): Promise<Manifest> {
  const digest = createHash('sha256');
  let [manifest, end]: [Manifest | undefined, { entries: number; sha256: string } | undefined] = [undefined, undefined];
  let entries = 0;
  const archive = extract();
  const source = createReadStream(file);
  const reading = pipeline(source, archive);
  reading.catch(() => undefined);
  try {
    for await (const entry of archive) {
      const { name, type } = entry.header;
      if (end !== undefined) throw damaged(file, 'it has data after its end');
      if (manifest === undefined) {
        if (name !== 'manifest.json') throw notABackup(file);
        manifest = readManifest(file, await textOf(entry, digest));
        continue;
      }
      if (name === 'end.json') {
        const sha256 = digest.copy().digest('hex');
        end = End.parse(JSON.parse(await textOf(entry, digest)));
        if (end.sha256 !== sha256 || end.entries !== entries) throw damaged(file, 'its checksum is wrong');
        continue;
      }
      const target = parseEntryName(name.replace(/\/$/, ''));
      if (target === null || (type !== 'file' && type !== 'directory')) throw damaged(file, `it contains "${name}"`);
      entries += 1;
      onProgress('files restored', entries);
      const content = type === 'file' ? hashed(entry as AsyncIterable<Buffer>, digest) : undefined;
      if (target.part === 'cluster') await cluster.add(target.path, content);
      else if (content === undefined) throw damaged(file, `"${name}" is a folder`);
      else
        await writeNew(
          target.part === 'blobs' ? join(dataDir, 'objects', 'blobs', target.path) : join(dataDir, target.path),
          content,
        );
      // A folder has no content, but it must be read before the next entry arrives.
      if (content === undefined) entry.resume();
    }
    await reading;
  } catch (error) {
    source.destroy();
    if (error instanceof StackError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EACCES')
      throw new StackError(`${file} cannot be read (${code}).`, { cause: error });
    if (code === 'ENOSPC') throw new StackError(`The disk of ${dataDir} is full.`, { cause: error });
    if (manifest === undefined) throw notABackup(file);
    throw damaged(file, (error as Error).message);
  }
  if (manifest === undefined) throw notABackup(file);
  if (end === undefined) throw damaged(file, 'its end is missing');
  return manifest;
}

function readManifest(file: string, text: string): Manifest {
  const manifest = Manifest.safeParse(parseJson(text));
  if (!manifest.success) {
    throw new StackError(`${file} was made by another version of Spinbay, and this version cannot read it.`);
  }
  const { platform, arch } = manifest.data;
  if (platform !== process.platform || arch !== process.arch) {
    throw new StackError(
      `${file} was made on ${platform} ${arch}, and its database runs only there. This machine is ${process.platform} ${process.arch}.`,
    );
  }
  return manifest.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const textLimit = 65_536;

async function textOf(entry: AsyncIterable<unknown>, digest: ReturnType<typeof createHash>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of hashed(entry as AsyncIterable<Buffer>, digest)) {
    size += chunk.length;
    if (size <= textLimit) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function* hashed(source: AsyncIterable<Buffer>, digest: ReturnType<typeof createHash>): AsyncIterable<Buffer> {
  for await (const chunk of source) {
    digest.update(chunk);
    yield chunk;
  }
}

async function writeNew(path: string, content: AsyncIterable<Buffer>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await pipeline(content, createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true }));
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

function notABackup(file: string): StackError {
  return new StackError(`${file} is not a Spinbay backup.`);
}

function damaged(file: string, why: string): StackError {
  return new StackError(`${file} is damaged: ${why}. Nothing was restored; use another backup.`);
}

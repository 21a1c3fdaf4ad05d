import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { upgradeRow } from '../core/upgrade.ts';
import type { Change, OutboxStore, Row, StoredRow } from '../index.ts';

/** A photo in a user's file. It is read in place and never deleted. */
export interface PhotoFile {
  readonly path: string;
  readonly size: number;
  /** Lower-case hex, if known. */
  readonly sha256?: string;
}

/** Stores each row as a file in a folder. Photos stay in place; each run calls `locate` for them. For one process only. */
export class FileStore implements OutboxStore<PhotoFile> {
  readonly #folder: string;
  readonly #files = new Map<string, PhotoFile>();
  readonly #rows = new Map<string, Row>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<FileStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new FileStore(folder);
    for (const name of await readdir(folder)) {
      const row = name.endsWith('.json') ? await readRow(join(folder, name)) : null;
      if (row !== null) store.#rows.set(row.id, row);
    }
    return store;
  }

  /** Sets the file that holds the bytes of a photo in this run. */
  locate(key: string, file: PhotoFile): void {
    this.#files.set(key, file);
  }

  async rows(): Promise<Row[]> {
    return [...this.#rows.values()];
  }

  async row(id: string): Promise<Row | undefined> {
    return this.#rows.get(id);
  }

  change(id: string, decide: (row: Row | undefined) => Change<PhotoFile>): Promise<void> {
    const done = this.#last.then(() => this.#change(id, decide));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async bytes(key: string): Promise<PhotoFile | undefined> {
    return this.#files.get(key);
  }

  async space() {
    return { persisted: true };
  }

  async #change(id: string, decide: (row: Row | undefined) => Change<PhotoFile>): Promise<void> {
    const { row, put = {}, drop = [] } = decide(this.#rows.get(id));
    for (const [key, file] of Object.entries(put)) this.locate(key, file);
    const path = join(this.#folder, `${id}.json`);
    if (row === null) await rm(path, { force: true });
    else if (row !== undefined) await writeWhole(path, JSON.stringify(row));
    if (row === null) this.#rows.delete(id);
    else if (row !== undefined) this.#rows.set(id, row);
    for (const key of drop) this.#files.delete(key);
  }
}

/** A damaged file is ignored: the server recognizes photos that have arrived by their digest. */
async function readRow(path: string): Promise<Row | null> {
  try {
    return upgradeRow(JSON.parse(await readFile(path, 'utf8')) as StoredRow);
  } catch {
    return null;
  }
}

/** Replaces the file atomically, even if the power fails. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

import { type Change, type OutboxStore, type Row, StorageFull, type StoredRow, upgradeRow } from '@spinbay/outbox';
import { type Database, inTransaction, isFull, type Mutex } from '../storage/database';
import { type NativePhoto, nameOf, type PhotoFolder } from '../storage/photo-folder';

/**
 * Rows in SQLite, photos as files. The camera writes a photo into the folder. The transaction that adds its row then hands
 * it to the outbox. A crash in between leaves a file without a row, which is deleted at the next start.
 */
export class SqliteStore implements OutboxStore<NativePhoto> {
  readonly #database: Database;
  readonly #mutex: Mutex;
  readonly #folder: PhotoFolder;

  private constructor(database: Database, mutex: Mutex, folder: PhotoFolder) {
    this.#database = database;
    this.#mutex = mutex;
    this.#folder = folder;
  }

  /** Deletes files without a row, so it must not run while the camera takes photos. */
  static async open(database: Database, mutex: Mutex, folder: PhotoFolder): Promise<SqliteStore> {
    const known = await mutex.run(() => database.getAllAsync<{ name: string }>('SELECT name FROM photos'));
    const names = new Set(known.map(({ name }) => name));
    for (const name of folder.list()) if (!names.has(name)) folder.remove(name);
    return new SqliteStore(database, mutex, folder);
  }

  rows(): Promise<Row[]> {
    return this.#mutex.run(async () => {
      const stored = await this.#database.getAllAsync<{ row: string }>('SELECT row FROM rows');
      return stored.flatMap(({ row }) => parse(row) ?? []);
    });
  }

  row(id: string): Promise<Row | undefined> {
    return this.#mutex.run(() => this.#row(id));
  }

  async change(id: string, decide: (row: Row | undefined) => Change<NativePhoto>): Promise<void> {
    const dropped = await this.#mutex.run(() =>
      inTransaction(this.#database, async () => this.#write(id, decide(await this.#row(id)))).catch(renameFault),
    );
    // After the commit. If the app ends before this, the next start deletes the files.
    for (const name of dropped) this.#folder.remove(name);
  }

  bytes(key: string): Promise<NativePhoto | undefined> {
    return this.#mutex.run(async () => {
      const found = await this.#database.getFirstAsync<{ name: string; size: number }>(
        'SELECT name, size FROM photos WHERE key = ?',
        key,
      );
      const photo = found && this.#folder.read(found.name);
      // After a power failure, a file may be truncated.
      return photo?.size === found?.size ? (photo ?? undefined) : undefined;
    });
  }

  async space() {
    return { persisted: true, used: this.#folder.usedBytes(), available: this.#folder.availableBytes() };
  }

  async #row(id: string): Promise<Row | undefined> {
    const found = await this.#database.getFirstAsync<{ row: string }>('SELECT row FROM rows WHERE id = ?', id);
    return found === null ? undefined : (parse(found.row) ?? undefined);
  }

  /** @returns the names of files that are no longer needed */
  async #write(id: string, { row, put = {}, drop = [] }: Change<NativePhoto>): Promise<string[]> {
    const database = this.#database;
    const dropped: string[] = [];
    for (const [key, photo] of Object.entries(put)) {
      await database.runAsync(
        'INSERT OR REPLACE INTO photos (key, name, size) VALUES (?, ?, ?)',
        key,
        nameOf(photo),
        photo.size,
      );
    }
    for (const key of drop) {
      const found = await database.getFirstAsync<{ name: string }>('SELECT name FROM photos WHERE key = ?', key);
      if (found !== null) dropped.push(found.name);
      await database.runAsync('DELETE FROM photos WHERE key = ?', key);
    }
    if (row === null) await database.runAsync('DELETE FROM rows WHERE id = ?', id);
    else if (row !== undefined)
      await database.runAsync('INSERT OR REPLACE INTO rows (id, row) VALUES (?, ?)', id, JSON.stringify(row));
    return dropped;
  }
}

function parse(row: string): Row | null {
  return upgradeRow(JSON.parse(row) as StoredRow);
}

function renameFault(error: unknown): never {
  if (isFull(error)) throw new StorageFull('There is no room left on this device.', { cause: error });
  throw error;
}

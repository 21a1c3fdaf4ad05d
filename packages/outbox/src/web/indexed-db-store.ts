import { upgradeRow } from '../core/upgrade.ts';
import { type Change, type OutboxStore, type Row, StorageFull, type StoredRow } from '../index.ts';
import { committed, openDatabase, resultOf } from './database.ts';

/** Stores rows and photos in IndexedDB. Every write is on disk before its promise resolves. */
export class IndexedDbStore implements OutboxStore<Blob> {
  readonly #name: string;
  #database: Promise<IDBDatabase> | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  async rows(): Promise<Row[]> {
    const stored: StoredRow[] = await this.#read((transaction) => transaction.objectStore('rows').getAll(), 'rows');
    return stored.flatMap((row) => upgradeRow(row) ?? []);
  }

  async row(id: string): Promise<Row | undefined> {
    const stored: StoredRow | undefined = await this.#read((t) => t.objectStore('rows').get(id), 'rows');
    return stored && (upgradeRow(stored) ?? undefined);
  }

  async change(id: string, decide: (row: Row | undefined) => Change<Blob>): Promise<void> {
    const database = await this.#open();
    const transaction = database.transaction(['rows', 'bytes'], 'readwrite', { durability: 'strict' });
    const done = committed(transaction);
    const rows = transaction.objectStore('rows');
    const bytes = transaction.objectStore('bytes');
    const read = rows.get(id);
    let fault: unknown = null;
    read.onsuccess = () => {
      try {
        const stored: StoredRow | undefined = read.result;
        const { row, put = {}, drop = [] } = decide(stored && (upgradeRow(stored) ?? undefined));
        for (const [key, blob] of Object.entries(put)) bytes.put(blob, key);
        for (const key of drop) bytes.delete(key);
        if (row === null) rows.delete(id);
        else if (row !== undefined) rows.put(row);
      } catch (error) {
        fault = error;
        transaction.abort();
      }
    };
    try {
      await done;
    } catch (error) {
      if (fault !== null) throw fault;
      if (error instanceof DOMException && error.name === 'QuotaExceededError')
        throw new StorageFull('There is no room left on this device.', { cause: error });
      throw error;
    }
  }

  bytes(key: string): Promise<Blob | undefined> {
    return this.#read((transaction) => transaction.objectStore('bytes').get(key), 'bytes');
  }

  async space() {
    const { storage } = navigator;
    const [persisted, estimate] = await Promise.all([
      storage?.persisted?.().catch(() => 'unknown' as const) ?? ('unknown' as const),
      storage?.estimate?.().catch(() => ({})) ?? {},
    ]);
    const { usage, quota }: StorageEstimate = estimate;
    return {
      persisted,
      ...(usage === undefined ? {} : { used: usage }),
      ...(usage === undefined || quota === undefined ? {} : { available: Math.max(0, quota - usage) }),
    };
  }

  async #read<T>(ask: (transaction: IDBTransaction) => IDBRequest<T>, store: 'rows' | 'bytes'): Promise<T> {
    const database = await this.#open();
    return resultOf(ask(database.transaction(store)));
  }

  /** Opens the database, and opens it again if it was closed, for example for a later version of the app in another tab. */
  #open(): Promise<IDBDatabase> {
    if (this.#database !== null) return this.#database;
    const opened = openDatabase(this.#name).then((database) => {
      const forget = () => {
        if (this.#database === opened) this.#database = null;
      };
      database.onclose = forget;
      database.onversionchange = () => {
        database.close();
        forget();
      };
      return database;
    });
    this.#database = opened;
    opened.catch(() => {
      this.#database = null;
    });
    return opened;
  }
}

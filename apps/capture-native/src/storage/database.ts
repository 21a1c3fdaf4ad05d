import type { SQLiteDatabase } from 'expo-sqlite';

/** The part of expo-sqlite that the app uses. */
export type Database = Pick<SQLiteDatabase, 'execAsync' | 'runAsync' | 'getFirstAsync' | 'getAllAsync'>;

/** The tables. Each row of the outbox has its own version: see `upgradeRow`. */
const schema = `
  CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS photos (key TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** With `synchronous = FULL`, a commit is on disk when it returns, even in write-ahead mode. */
export async function prepareDatabase(database: Database): Promise<void> {
  await database.execAsync('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  await database.execAsync(schema);
}

/** SQLite and the file system report a full disk only in the message of the error. */
export function isFull(error: unknown): boolean {
  return /database or disk is full|SQLITE_FULL|no space left/i.test(String(error));
}

/** Whether an error at the start means that the phone refuses to store anything. */
export function isStorageFault(error: unknown): boolean {
  return isFull(error) || /sqlite|database|disk/i.test(String(error));
}

/** Runs functions one at a time, because the whole app shares one connection and a transaction belongs to one caller. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

export async function inTransaction<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await database.execAsync('BEGIN IMMEDIATE');
  try {
    const result = await work();
    await database.execAsync('COMMIT');
    return result;
  } catch (error) {
    // After some errors, such as a full disk, SQLite has already rolled back, and this statement fails.
    await database.execAsync('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

import type { SQLiteRunResult } from 'expo-sqlite';
import { Database as Sqlite } from 'node-sqlite3-wasm';
import type { Database } from '../storage/database';

/** A real SQLite database in a file, with the functions of expo-sqlite. */
export function openNodeDatabase(path: string): Database & { close(): void; fillUp(): void } {
  const database = new Sqlite(path);
  const values = (parameters: unknown[]) => parameters as never;
  return {
    async execAsync(source: string) {
      // This build of SQLite lacks shared memory, which write-ahead mode needs. Commits need not wait for the disk, because
      // no test has to survive a power failure.
      database.exec(
        source
          .replace('journal_mode = WAL', 'journal_mode = DELETE')
          .replace('synchronous = FULL', 'synchronous = OFF'),
      );
    },
    runAsync: async (source: string, ...parameters: unknown[]) =>
      database.run(source, values(parameters)) as unknown as SQLiteRunResult,
    getFirstAsync: async <T>(source: string, ...parameters: unknown[]) =>
      (database.get(source, values(parameters)) ?? null) as T | null,
    getAllAsync: async <T>(source: string, ...parameters: unknown[]) => database.all(source, values(parameters)) as T[],
    close: () => database.close(),
    /** Fills the last page of the photos and forbids more pages, so that the photo `b/original` does not fit. */
    fillUp() {
      const { page_count } = database.get('PRAGMA page_count') as { page_count: number };
      database.exec(`PRAGMA max_page_count = ${page_count}`);
      try {
        for (let key = 99_999; ; key--) database.run('INSERT INTO photos VALUES (?, ?, 1)', [`b/original ${key}`, '']);
      } catch (error) {
        if (!String(error).includes('full')) throw error;
      }
    },
  };
}

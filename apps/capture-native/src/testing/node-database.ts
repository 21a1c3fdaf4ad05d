import type { SQLiteRunResult } from 'expo-sqlite';
import { Database as Sqlite } from 'node-sqlite3-wasm';
import type { Database } from '../storage/database';

/** A real SQLite on a file, with the calls of expo-sqlite. */
export function openNodeDatabase(path: string): Database & { close(): void; fillUp(): void } {
  const database = new Sqlite(path);
  const values = (parameters: unknown[]) => parameters as never;
  return {
    async execAsync(source: string) {
      // This build of SQLite has no shared memory, which the write-ahead mode needs. No power fails during a test, so that
      // no commit has to wait for the disk.
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
    /** No more pages than now, and no room for the photo `b/original` beside its neighbours. */
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

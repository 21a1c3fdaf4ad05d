import type { KeyValueStore } from '@spinbay/capture/platform/platform.tsx';
import type { Database, Mutex } from './database';

/** Stores settings and other small values. Credentials are stored by `openSecrets`. */
export function openKeyValueStore(database: Database, mutex: Mutex): KeyValueStore {
  return {
    get: (key) =>
      mutex.run(async () => {
        const found = await database.getFirstAsync<{ value: string }>('SELECT value FROM settings WHERE key = ?', key);
        return found === null ? undefined : JSON.parse(found.value);
      }),
    set: (key, value) =>
      mutex.run(async () => {
        await database.runAsync(
          'INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)',
          key,
          JSON.stringify(value ?? null),
        );
      }),
  };
}

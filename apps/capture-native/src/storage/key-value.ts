import type { KeyValueStore } from '@spinbay/capture/platform/platform.tsx';
import type { Database, Turns } from './database';

/** Stores settings and other small values. Credentials are stored by `openSecrets`. */
export function openKeyValueStore(database: Database, turns: Turns): KeyValueStore {
  return {
    get: (key) =>
      turns.take(async () => {
        const found = await database.getFirstAsync<{ value: string }>('SELECT value FROM settings WHERE key = ?', key);
        return found === null ? undefined : JSON.parse(found.value);
      }),
    set: (key, value) =>
      turns.take(async () => {
        await database.runAsync(
          'INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)',
          key,
          JSON.stringify(value ?? null),
        );
      }),
  };
}

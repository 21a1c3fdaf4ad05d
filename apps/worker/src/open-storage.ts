import { createStore, type Store } from '@spinbay/core';
import { createObjects, type Objects } from '@spinbay/objects';
import { type Logger, objectsOptionsOf, openDatabasePassword } from '@spinbay/runtime';

type StorageSettings = Parameters<typeof objectsOptionsOf>[0] &
  Parameters<typeof openDatabasePassword>[0] & { readonly DATABASE_URL: string; readonly DATABASE_POOL_SIZE: number };

/** Opens the database and the object store. @param applicationName names the connections in PostgreSQL */
export async function openStorage(
  settings: StorageSettings,
  applicationName: string,
  log: Logger,
): Promise<{ store: Store; objects: Objects; close(): Promise<void> }> {
  const store = createStore({
    databaseUrl: settings.DATABASE_URL,
    password: await openDatabasePassword(settings, log),
    poolSize: settings.DATABASE_POOL_SIZE,
    applicationName,
    onFault: ({ message, error }) => log.warn({ err: error }, message),
  });
  const objects = createObjects(objectsOptionsOf(settings));
  return {
    store,
    objects,
    close: async () => {
      await store.close();
      objects.close();
    },
  };
}

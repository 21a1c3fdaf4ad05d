import { readUnscoped, type Store } from './store.ts';

/** Resolves when the database answers and has been migrated. @throws StoreUnavailable, or what the database says */
export async function storeIsReady(store: Store): Promise<void> {
  await readUnscoped(store, null, (client) => client.query('select 1 from schema_migrations limit 1'));
}

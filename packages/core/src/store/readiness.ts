import { readUnscoped, type Store } from './store.ts';

/** Resolves if the database answers and has been migrated. @throws StoreUnavailable, or the error of the database */
export async function storeIsReady(store: Store): Promise<void> {
  await readUnscoped(store, null, (client) => client.query('select 1 from schema_migrations limit 1'));
}

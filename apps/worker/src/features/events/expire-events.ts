import { expireEvents as expireSome, listOrganizationIds, type Store } from '@spinbay/core';

/** Events of one organization and round at most: a backlog goes in several rounds. */
const mostPerRound = 5_000;

/** Deletes the events that are older than they are kept. */
export async function expireEvents(store: Store, days: number, signal: AbortSignal): Promise<void> {
  for (const orgId of await listOrganizationIds(store)) {
    signal.throwIfAborted();
    await store.forOrg(orgId, 'all').transact((tx) => expireSome(tx, days, mostPerRound));
  }
}

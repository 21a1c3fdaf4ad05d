import { listOrganizationIds, pruneChanges, type Store } from '@spinbay/core';

/** How long a change is kept for readers that were away. */
const keptMs = 7 * 24 * 3_600_000;
/** Changes of one organization and round at most: a backlog goes in several rounds. */
const mostPerRound = 5_000;

/** Removes the changes that no reader needs any more. */
export async function pruneOutbox(store: Store, signal: AbortSignal): Promise<void> {
  const before = new Date(Date.now() - keptMs);
  for (const orgId of await listOrganizationIds(store)) {
    signal.throwIfAborted();
    await store.forOrg(orgId, 'all').transact((tx) => pruneChanges(tx, before, mostPerRound));
  }
}

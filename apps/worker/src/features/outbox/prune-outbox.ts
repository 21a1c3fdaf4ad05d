import { listOrganizationIds, pruneChanges, type Store } from '@spinbay/core';

/** How long a change is kept for disconnected readers. */
const retentionMs = 7 * 24 * 3_600_000;
/** The maximum number of changes per organization and round. A backlog takes several rounds. */
const maxPerRound = 5_000;

/** Removes changes that no reader needs. */
export async function pruneOutbox(store: Store, signal: AbortSignal): Promise<void> {
  const before = new Date(Date.now() - retentionMs);
  for (const orgId of await listOrganizationIds(store)) {
    signal.throwIfAborted();
    await store.forOrg(orgId, 'all').transact((tx) => pruneChanges(tx, before, maxPerRound));
  }
}

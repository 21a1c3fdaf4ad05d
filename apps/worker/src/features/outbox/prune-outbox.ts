import { pruneChanges, type Store } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { forEachOrganization } from '../../for-each-organization.ts';

/** How long a change is kept for disconnected readers. */
const retentionMs = 7 * 24 * 3_600_000;
/** The maximum number of changes per organization and round. A backlog takes several rounds. */
const maxPerRound = 5_000;

/** Removes changes that no reader needs. */
export async function pruneOutbox(store: Store, signal: AbortSignal, log: Logger): Promise<void> {
  const before = new Date(Date.now() - retentionMs);
  await forEachOrganization(store, signal, log, async (tenant) => {
    await tenant.transact((tx) => pruneChanges(tx, before, maxPerRound));
  });
}

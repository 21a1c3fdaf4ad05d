import * as core from '@spinbay/core';

/** The most events per organization and round. A backlog takes several rounds. */
const maxPerRound = 5_000;

export async function expireEvents(store: core.Store, days: number, signal: AbortSignal): Promise<void> {
  for (const orgId of await core.listOrganizationIds(store)) {
    signal.throwIfAborted();
    await store.forOrg(orgId, 'all').transact((tx) => core.expireEvents(tx, days, maxPerRound));
  }
}

import { listOrganizationIds, type Store, takePromiseResults } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';

/** The most sessions per organization and round. A backlog takes several rounds. */
const maxPerRound = 500;

/** Logs one line for each completed session: whether the promise was kept. On AWS, metric filters count these lines. */
export async function logPromise(store: Store, signal: AbortSignal, log: Logger): Promise<void> {
  for (const orgId of await listOrganizationIds(store)) {
    signal.throwIfAborted();
    const results = await store.forOrg(orgId, 'all').transact((tx) => takePromiseResults(tx, maxPerRound));
    for (const { id, kept, ...times } of results)
      log.info({ org_id: orgId, session_id: id, promise_kept: kept, ...times }, 'promise of a session');
  }
}

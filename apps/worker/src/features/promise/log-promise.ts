import { type Store, takePromiseResults } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { forEachOrganization } from '../../for-each-organization.ts';

/** The most sessions per organization and round. A backlog takes several rounds. */
const maxPerRound = 500;

/** Logs one line for each completed session: whether the promise was kept. On AWS, metric filters count these lines. */
export async function logPromise(store: Store, signal: AbortSignal, log: Logger): Promise<void> {
  await forEachOrganization(store, signal, log, async (tenant, orgId) => {
    const results = await tenant.transact((tx) => takePromiseResults(tx, maxPerRound));
    for (const { id, kept, ...times } of results)
      log.info({ org_id: orgId, session_id: id, promise_kept: kept, ...times }, 'promise of a session');
  });
}

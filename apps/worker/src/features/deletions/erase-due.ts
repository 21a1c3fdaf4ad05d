import {
  claimDeletion,
  type DueDeletion,
  eraseRows,
  finishDeletion,
  listDueDeletions,
  type OrgStore,
  renewClaim,
} from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { handleEach } from '../../handle-each.ts';
import { isUnavailable } from '../images/retry-while-unavailable.ts';
import { type DeletionDeps, removeObjects } from './remove-objects.ts';

/** The lease on a deletion, which the process renews while it works. Also the base of the backoff after failures. */
const leaseMs = 120_000;
/** The longest backoff. */
const longestPauseMs = 3_600_000;
/** The most deletions in one round. */
const maxPerRound = 100;

/**
 * Processes due deletions: first the objects, then the rows, so that no object remains without a row. If a process is killed
 * at any point, the next one starts again and finds less to do. A deletion that fails does not affect the others.
 */
export async function eraseDue(deps: DeletionDeps, signal: AbortSignal, log: Logger): Promise<void> {
  await handleEach(
    await listDueDeletions(deps.store, maxPerRound),
    signal,
    async ({ orgId, id }) => {
      const tenant = deps.store.forOrg(orgId, 'all');
      const deletion = await tenant.transact((tx) => claimDeletion(tx, id, leaseMs));
      if (deletion === undefined) return;
      try {
        const erased = await erase(deletion, tenant, deps, signal);
        if (erased) log.info({ deletion_id: id, org_id: orgId, kind: deletion.kind, step: deletion.state }, 'erased');
      } catch (error) {
        if (signal.aborted || isUnavailable(error)) throw error;
        const pauseMs = Math.min(leaseMs * 2 ** Math.min(deletion.attempts, 10), longestPauseMs);
        await tenant.transact((tx) => renewClaim(tx, id, pauseMs));
        throw error;
      }
    },
    (error, { orgId, id }) =>
      log.error({ err: error, deletion_id: id, org_id: orgId }, 'erasure failed; a later round retries it'),
  );
}

/** @returns false for a vehicle with sessions that are not deleted yet: each has a separate deletion */
async function erase(
  { id, kind, state, prefix }: DueDeletion,
  tenant: OrgStore,
  { objects }: DeletionDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const renew = () => tenant.transact((tx) => renewClaim(tx, id, leaseMs));
  if (prefix !== null) await removeObjects(prefix, objects, renew, signal);
  if (state === 'erased') {
    await tenant.transact((tx) => finishDeletion(tx, id));
    return true;
  }
  while (!(await tenant.transact((tx) => eraseRows(tx, id)))) {
    if (kind === 'vehicle') return false;
    signal.throwIfAborted();
    await renew();
  }
  return true;
}

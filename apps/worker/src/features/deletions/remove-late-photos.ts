import { claimLatePhoto, finishLatePhoto, listLatePhotos } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { isUnavailable } from '../images/retry-while-unavailable.ts';
import { type DeletionDeps, removeObjects } from './remove-objects.ts';

const lease = { firstMs: 120_000, longestMs: 3_600_000 };
/** The most late photos in one round. */
const maxPerRound = 100;

/**
 * Removes photos that arrived for erased sessions: everything under the prefix of the session, then the row. If the process is
 * killed in between, a later round repeats it.
 */
export async function removeLatePhotos(
  { store, objects }: DeletionDeps,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  for (const { orgId, id } of await listLatePhotos(store, maxPerRound)) {
    signal.throwIfAborted();
    const tenant = store.forOrg(orgId, 'all');
    const prefix = await tenant.transact((tx) => claimLatePhoto(tx, id, lease));
    if (prefix === undefined) continue;
    try {
      await removeObjects(prefix, objects, () => Promise.resolve(), signal);
      await tenant.transact((tx) => finishLatePhoto(tx, id));
      log.info({ prefix, org_id: orgId }, 'removed a photo of a session that was erased');
    } catch (error) {
      if (signal.aborted || isUnavailable(error)) throw error;
      log.error({ err: error, prefix, org_id: orgId }, 'a late photo was not removed; a later round retries it');
    }
  }
}

import { claimLatePhoto, finishLatePhoto, listLatePhotos } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { handleEach } from '../../handle-each.ts';
import { type DeletionDeps, removeObjects } from './remove-objects.ts';

const lease = { firstMs: 120_000, longestMs: 3_600_000 };
/** The most late photos in one round. */
const maxPerRound = 100;

/**
 * Removes photos that arrived for erased sessions: everything under the prefix of the session, then the row of the late
 * photo. If the process is killed in between, a later round repeats it. A photo that cannot be removed does not affect the
 * others.
 */
export async function removeLatePhotos(
  { store, objects }: DeletionDeps,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  await handleEach(
    await listLatePhotos(store, maxPerRound),
    signal,
    async ({ orgId, id }) => {
      const tenant = store.forOrg(orgId, 'all');
      const prefix = await tenant.transact((tx) => claimLatePhoto(tx, id, lease));
      if (prefix === undefined) return;
      await removeObjects(prefix, objects, () => Promise.resolve(), signal);
      await tenant.transact((tx) => finishLatePhoto(tx, id));
      log.info({ prefix, org_id: orgId }, 'removed a photo of a session that was erased');
    },
    (error, { orgId, id }) =>
      log.error(
        { err: error, late_photo_id: id, org_id: orgId },
        'a late photo was not removed; a later round retries it',
      ),
  );
}

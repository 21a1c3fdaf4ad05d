import type { UploadId } from '@spinbay/contracts';
import {
  expireUpload,
  failUnreadableFrame,
  listOrganizationIds,
  listUnfinishedUploads,
  listUnreadableFrames,
  type OrgStore,
  type UnfinishedQuery,
  type UnfinishedUpload,
} from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { type ImageDeps, processImage } from './process-image.ts';
import { isUnavailable } from './retry-while-unavailable.ts';

export interface ReconcileTimes {
  /** A frame that was reserved and uploaded longer ago is looked after; before that its event is likely still on its way. */
  readonly patienceMs: number;
  /** How long after the end of its URL an upload is given up: time for a slow upload that began in time. */
  readonly graceMs: number;
}

/** Those of a running installation. */
export const reconcileTimes: ReconcileTimes = { patienceMs: 120_000, graceMs: 10 * 60_000 };

/** Rows read at a time. */
const page = 200;

/**
 * Brings unfinished uploads to an end: one whose event was lost is processed now; one that never came is marked as
 * such. Nothing is deleted. An upload that fails does not hold back the others.
 * @throws StoreUnavailable, ObjectStoreUnavailable, or the reason of the signal
 */
export async function reconcileImages(
  deps: ImageDeps,
  times: ReconcileTimes,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const before = new Date(Date.now() - times.patienceMs);
  for (const orgId of await listOrganizationIds(deps.store)) {
    const tenant = deps.store.forOrg(orgId, 'all');
    let after: UploadId | null = null;
    do {
      signal.throwIfAborted();
      const query: UnfinishedQuery = { before, after, limit: page };
      const uploads = await tenant.read((tx) => listUnfinishedUploads(tx, query));
      for (const upload of uploads) {
        await settleUpload(upload, tenant, deps, times, signal, log).catch((error: unknown) => {
          if (signal.aborted || isUnavailable(error)) throw error;
          log.error({ err: error, key: upload.storageKey }, 'not brought to an end; the next round tries again');
        });
      }
      after = uploads.at(-1)?.id ?? null;
    } while (after !== null);
    const giveUp = new Date(Date.now() - times.graceMs);
    for (const imageId of await tenant.read((tx) => listUnreadableFrames(tx, giveUp)))
      await tenant.transact((tx) => failUnreadableFrame(tx, imageId, giveUp));
  }
}

async function settleUpload(
  { id, storageKey, expiresAt }: UnfinishedUpload,
  tenant: OrgStore,
  deps: ImageDeps,
  { patienceMs, graceMs }: ReconcileTimes,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const head = await deps.objects.head(storageKey, { signal });
  const now = Date.now();
  if (head !== null) {
    // Reserved long ago and uploaded just now: its event is on its way.
    if (head.lastModified !== null && head.lastModified.getTime() > now - patienceMs) return;
    log.info({ key: storageKey }, 'uploaded a while ago and not processed; processing it now');
    await processImage(storageKey, deps, signal, log);
  } else if (expiresAt !== null && expiresAt.getTime() < now - graceMs) {
    log.warn({ key: storageKey }, 'the upload never came');
    await tenant.transact((tx) => expireUpload(tx, id, new Date(now - graceMs)));
  }
}

import { parseStorageKey, s3Message } from '@spinbay/contracts';
import {
  claimUnfinishedUploads,
  expireUpload,
  failUnreadableFrame,
  giveUpUpload,
  listOrganizationIds,
  listUnreadableFrames,
  type OrgStore,
  recordRequeue,
  type UnfinishedUpload,
} from '@spinbay/core';
import type { ObjectHead } from '@spinbay/objects';
import { type Queue, QueueUnavailable } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import type { NewestMessage } from '../../newest-message.ts';
import { contentTypeOf, type ImageDeps } from './process-image.ts';
import { isUnavailable } from './retry-while-unavailable.ts';

export interface ReconcileDeps extends Pick<ImageDeps, 'store' | 'objects'> {
  readonly queue: Pick<Queue, 'send' | 'depth'>;
  readonly bucket: string;
  readonly newestMessage: Pick<NewestMessage, 'sentAt'>;
}

export interface ReconcileTimes {
  /** A photo that arrived longer ago is looked after; before that its event is likely still on its way. */
  readonly patienceMs: number;
  /** How long after the end of its URL an upload is given up: time for a slow upload that began in time. */
  readonly graceMs: number;
  /** So long an upload is this worker's to look after. */
  readonly claimMs: number;
}

/** Those of a running installation. */
export const reconcileTimes: ReconcileTimes = { patienceMs: 120_000, graceMs: 10 * 60_000, claimMs: 120_000 };

/** Rows claimed at a time. */
const page = 200;
/** So often an upload is put on the queue again before it is given up. Each message is tried three times. */
const mostRequeues = 3;

/**
 * Brings unfinished uploads to an end. One whose event was lost gets a message in its place; one that never came is marked
 * as such; one that no worker could finish is given up with a reason. Nothing is deleted. Of several workers one looks after
 * each upload, and an upload that fails does not hold back the others.
 * @throws StoreUnavailable, ObjectStoreUnavailable, QueueUnavailable, or the reason of the signal
 */
export async function reconcileImages(
  deps: ReconcileDeps,
  times: ReconcileTimes,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const overdueBefore = await overdueBy(deps, times);
  const expiredBefore = new Date(Date.now() - times.graceMs);
  const round: Round = { overdueBefore, expiredBefore, signal, log };
  const query = { overdueBefore, expiredBefore, claimMs: times.claimMs, limit: page };
  for (const orgId of await listOrganizationIds(deps.store)) {
    const tenant = deps.store.forOrg(orgId, 'all');
    let claimed: UnfinishedUpload[];
    do {
      signal.throwIfAborted();
      claimed = await tenant.transact((tx) => claimUnfinishedUploads(tx, query));
      for (const upload of claimed) {
        await settleUpload(upload, tenant, deps, round).catch((error: unknown) => {
          if (signal.aborted || isUnavailable(error) || error instanceof QueueUnavailable) throw error;
          log.error({ err: error, key: upload.storageKey }, 'not brought to an end; a later round tries again');
        });
      }
    } while (claimed.length === page);
    for (const imageId of await tenant.read((tx) => listUnreadableFrames(tx, expiredBefore)))
      await tenant.transact((tx) => failUnreadableFrame(tx, imageId, expiredBefore));
  }
}

/** What one round goes by. */
interface Round {
  readonly overdueBefore: Date | null;
  readonly expiredBefore: Date;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * The event of a photo that arrived before this was lost. While messages wait it may be among them: then only the sending
 * time of the newest message that was received tells which events were delivered. Null: it cannot be told.
 */
async function overdueBy(
  { queue, newestMessage }: ReconcileDeps,
  { patienceMs }: ReconcileTimes,
): Promise<Date | null> {
  const delivered = newestMessage.sentAt();
  const { visible, inFlight, delayed } = await queue.depth();
  if (visible + inFlight + delayed === 0) return new Date(Date.now() - patienceMs);
  return delivered && new Date(Math.min(Date.now(), delivered.getTime()) - patienceMs);
}

async function settleUpload(
  upload: UnfinishedUpload,
  tenant: OrgStore,
  { objects, queue, bucket }: ReconcileDeps,
  { overdueBefore, expiredBefore, signal, log }: Round,
): Promise<void> {
  const { id, storageKey: key, expiresAt, requeues } = upload;
  const head = await objects.head(key, { signal });
  if (head === null) {
    if (expiresAt === null || expiresAt >= expiredBefore) return;
    log.warn({ key }, 'the upload never came');
    await tenant.transact((tx) => expireUpload(tx, id, expiredBefore));
    return;
  }
  // Announced long ago and uploaded just now: its event is on its way.
  if (overdueBefore === null || (head.lastModified !== null && head.lastModified >= overdueBefore)) return;
  if (requeues >= mostRequeues) {
    log.error({ key, requeues }, 'uploaded, and no worker could finish with it; given up');
    await giveUp(key, head, tenant);
    return;
  }
  log.warn({ key, requeues }, 'uploaded a while ago and not processed; put on the queue again');
  // First: a message too many is found done, one too few would count as a try.
  await queue.send(s3Message({ bucket, key }));
  await tenant.transact((tx) => recordRequeue(tx, id));
}

async function giveUp(storageKey: string, head: ObjectHead, tenant: OrgStore): Promise<void> {
  const parts = parseStorageKey(storageKey);
  if (parts === null) throw new Error(`an upload has the key ${storageKey}`);
  const object = {
    storageKey,
    contentType: contentTypeOf(storageKey),
    // Its bytes were not read.
    sha256: null,
    sizeBytes: head.size,
    slot: { angle_deg: null, shot_name: null },
    storedAt: head.lastModified,
    workStartedAt: new Date(),
  };
  await tenant.transact((tx) => giveUpUpload(tx, parts, object));
}

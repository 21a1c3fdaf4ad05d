import { parseStorageKey, s3Message } from '@spinbay/contracts';
import {
  claimUnfinishedUploads,
  expireUpload,
  failUnreadableFrame,
  giveUpUpload,
  listUnreadableFrames,
  type OrgStore,
  recordRequeue,
  type UnfinishedUpload,
} from '@spinbay/core';
import type { ObjectHead } from '@spinbay/objects';
import type { Queue } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import { forEachOrganization } from '../../for-each-organization.ts';
import { handleEach } from '../../handle-each.ts';
import type { NewestMessage } from '../../newest-message.ts';
import { contentTypeOf, type ImageDeps } from './process-image.ts';

export interface ReconcileDeps extends Pick<ImageDeps, 'store' | 'objects'> {
  readonly queue: Pick<Queue, 'send' | 'depth'>;
  readonly bucket: string;
  readonly newestMessage: Pick<NewestMessage, 'sentAt'>;
}

export interface ReconcileTimes {
  /** Photos are reconciled this long after they arrived. Until then, their event may still be in transit. */
  readonly minAgeMs: number;
  /** An upload expires this long after its URL, to allow for slow uploads. */
  readonly graceMs: number;
  /** How long a worker's claim of an upload lasts. */
  readonly claimMs: number;
}

/** The times of a production installation. */
export const reconcileTimes: ReconcileTimes = { minAgeMs: 120_000, graceMs: 10 * 60_000, claimMs: 120_000 };

/** The number of rows that are claimed at a time. */
const page = 200;
/** An upload is requeued this many times before it fails. Each message is tried three times. */
const maxRequeues = 3;

/**
 * Resolves unfinished uploads: sends a message if the event was lost, marks missing uploads as expired, and fails uploads
 * that no worker could finish. Deletes nothing. Only one of several workers handles an upload. A failure does not affect
 * other uploads, frames and organizations.
 * @throws as `handleEach`
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
  await forEachOrganization(deps.store, signal, log, async (tenant) => {
    let claimed: UnfinishedUpload[];
    do {
      signal.throwIfAborted();
      claimed = await tenant.transact((tx) => claimUnfinishedUploads(tx, query));
      await handleEach(
        claimed,
        signal,
        (upload) => settleUpload(upload, tenant, deps, round),
        (error, { storageKey }) => log.error({ err: error, key: storageKey }, 'not settled; a later round retries'),
      );
    } while (claimed.length === page);
    await handleEach(
      await tenant.read((tx) => listUnreadableFrames(tx, expiredBefore)),
      signal,
      (imageId) => tenant.transact((tx) => failUnreadableFrame(tx, imageId, expiredBefore)),
      (error, imageId) => log.error({ err: error, image_id: imageId }, 'not marked as failed; a later round retries'),
    );
  });
}

/** The parameters of a round. */
interface Round {
  readonly overdueBefore: Date | null;
  readonly expiredBefore: Date;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * If a photo arrived before this time and is still unfinished, its event was lost. While the queue has messages, the event
 * may be among them; then only the sending time of the newest received message shows how far delivery has come. Null if
 * this process has received no message yet.
 */
async function overdueBy({ queue, newestMessage }: ReconcileDeps, { minAgeMs }: ReconcileTimes): Promise<Date | null> {
  const delivered = newestMessage.sentAt();
  const { visible, inFlight, delayed } = await queue.depth();
  if (visible + inFlight + delayed === 0) return new Date(Date.now() - minAgeMs);
  return delivered && new Date(Math.min(Date.now(), delivered.getTime()) - minAgeMs);
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
    log.warn({ key }, 'the upload never arrived');
    await tenant.transact((tx) => expireUpload(tx, id, expiredBefore));
    return;
  }
  // Announced long ago but uploaded recently: its event may be in transit.
  if (overdueBefore === null || (head.lastModified !== null && head.lastModified >= overdueBefore)) return;
  if (requeues >= maxRequeues) {
    log.error({ key, requeues }, 'uploaded, but no worker could finish it; marked as failed');
    await failUpload(key, head, tenant);
    return;
  }
  log.warn({ key, requeues }, 'uploaded a while ago but not processed; requeued');
  // Sent before it is recorded: a surplus message is harmless, but an attempt recorded without a message would be wasted.
  await queue.send(s3Message({ bucket, key }));
  await tenant.transact((tx) => recordRequeue(tx, id));
}

async function failUpload(storageKey: string, head: ObjectHead, tenant: OrgStore): Promise<void> {
  const parts = parseStorageKey(storageKey);
  if (parts === null) throw new Error(`an upload has the invalid key ${storageKey}`);
  const object = {
    storageKey,
    contentType: contentTypeOf(storageKey),
    // The bytes were not read.
    sha256: null,
    sizeBytes: head.size,
    slot: { angle_deg: null, shot_name: null },
    storedAt: head.lastModified,
    workStartedAt: new Date(),
  };
  await tenant.transact((tx) => giveUpUpload(tx, parts, object));
}

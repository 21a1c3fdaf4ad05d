import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ContentType,
  maxImageBytes,
  parseStorageKey,
  type QcThresholds,
  type StorageKeyParts,
  slotFromFileName,
  thumbKey,
  thumbSizes,
} from '@spinbay/contracts';
import {
  type Completion,
  completeImage,
  type ImageOutcome,
  keepsGps,
  type NewRendition,
  otherGrids,
  type Store,
  type StoredUpload,
  storedUpload,
  uploadProgress,
} from '@spinbay/core';
import { ImageRejected, type MeasureRequest, type Measurer } from '@spinbay/imaging';
import { ObjectMissing, type Objects, ObjectTooLarge } from '@spinbay/objects';
import type { Logger, PhotoTrace, Tracing } from '@spinbay/runtime';

export interface ImageDeps {
  readonly store: Store;
  /** Only deletion jobs remove objects. */
  readonly objects: Omit<Objects, 'remove'>;
  readonly measurer: Pick<Measurer, 'measure'>;
  /** The thresholds of the installation. */
  readonly qc: QcThresholds;
  /** The folder for temporary downloads. */
  readonly workFolder: string;
  readonly tracing: Pick<Tracing, 'photo'>;
}

/** The receipt of the message that names an upload. */
export interface Receipt {
  readonly sentAt: Date;
  readonly receivedAt: Date;
  /** The number of deliveries so far, including this one. */
  readonly receiveCount: number;
}

/** A thumbnail never changes under its key. Private, because signed URLs are personal. */
const thumbCacheControl = 'private, max-age=604800, immutable';

/**
 * Processes an upload: downloads it, records it as stored, measures it, writes thumbnails and completes the row of its
 * frame. Idempotent. An unreadable picture is a result (`failed` with the reason).
 * @param receipt for the trace, on the first try of a delivery
 * @throws on a transient fault, so that the message is delivered again
 */
export async function processImage(
  storageKey: string,
  deps: ImageDeps,
  signal: AbortSignal,
  log: Logger,
  receipt?: Receipt,
): Promise<void> {
  const ids = parseStorageKey(storageKey);
  if (ids === null) {
    log.warn({ key: storageKey }, 'not the key of an upload; dropped');
    return;
  }
  const workStartedAt = new Date();
  const tenant = deps.store.forOrg(ids.orgId, 'all');
  const { progress, keepGps } = await tenant.read(async (tx) => ({
    progress: await uploadProgress(tx, storageKey, ids),
    keepGps: await keepsGps(tx),
  }));
  if (progress.state === 'done') {
    log.debug({ key: storageKey }, 'already done');
    return;
  }
  const photo = deps.tracing.photo({ ...ids, imageId: progress.imageId });
  const attributes = { 'spinbay.upload_kind': progress.kind };
  if (receipt !== undefined) {
    const deliveries = { 'spinbay.receive_count': receipt.receiveCount };
    photo.record('wait in queue', receipt.sentAt, receipt.receivedAt, { ...attributes, ...deliveries });
  }
  const isAnnounced = progress.state === 'unfinished';
  const work = { storageKey, ids, isAnnounced, keepGps, workStartedAt };
  const shownFirst = await photo.span(
    'process upload',
    (trace) => processUpload(work, deps, trace, signal, log),
    attributes,
  );
  if (shownFirst !== null) photo.record('photo', shownFirst.reservedAt, new Date(), attributes);
}

interface Work {
  readonly storageKey: string;
  readonly ids: StorageKeyParts;
  readonly isAnnounced: boolean;
  readonly keepGps: boolean;
  readonly workStartedAt: Date;
}

type ShownFirst = Extract<Completion, { kind: 'completed' }>['shownFirst'];

/** @returns when the frame was reserved, if it is now visible for the first time */
async function processUpload(
  { storageKey, ids, isAnnounced, keepGps, workStartedAt }: Work,
  deps: ImageDeps,
  trace: PhotoTrace,
  signal: AbortSignal,
  log: Logger,
): Promise<ShownFirst> {
  const tenant = deps.store.forOrg(ids.orgId, 'all');
  // Recreates the folder, because systems delete old temporary files.
  await mkdir(deps.workFolder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(deps.workFolder, 'image-'));
  try {
    const tags = isAnnounced ? {} : await deps.objects.tags(storageKey, { signal });
    if (tags === null) {
      log.warn({ key: storageKey }, 'unannounced upload in a store without tags; dropped');
      return null;
    }
    if (tags.kind === 'preview') {
      log.warn({ key: storageKey }, 'unannounced preview; dropped');
      return null;
    }
    const file = join(folder, 'photo');
    const { rejected, ...facts } = await trace.span('download', () => download(storageKey, file, deps, signal));
    const slot = slotFromFileName(tags.slot ?? '');
    const object = { storageKey, contentType: contentTypeOf(storageKey), slot, workStartedAt, ...facts };
    const stored = await trace.span('record upload', () => tenant.transact((tx) => storedUpload(tx, ids, object)));
    if (stored.kind === 'erased') {
      log.info({ key: storageKey }, 'a photo of a session that was erased; a deletion job removes it');
      return null;
    }
    if (stored.kind !== 'stored') {
      reportDropped(stored, ids, storageKey, log);
      return null;
    }
    const grids = () => tenant.read((tx) => otherGrids(tx, stored.imageId));
    const outcome =
      rejected ??
      (stored.bytesAsAnnounced
        ? await measure(storageKey, { file, keepGps, otherGrids: await grids() }, deps, trace, signal)
        : notAsAnnounced);
    const completion = await trace.span('commit', () => tenant.transact((tx) => completeImage(tx, ids, outcome)));
    reportCompletion(completion, outcome, ids, storageKey, log);
    return completion.kind === 'completed' ? completion.shownFirst : null;
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    log.warn({ key: storageKey }, 'the object no longer exists; dropped');
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const notAsAnnounced: ImageOutcome = {
  kind: 'rejected',
  code: 'hash_mismatch',
  message: 'The received bytes differ from the announced ones. Shoot the frame again.',
};

function reportDropped(
  stored: Exclude<StoredUpload, { kind: 'stored' | 'erased' }>,
  { orgId, sessionId }: StorageKeyParts,
  key: string,
  log: Logger,
): void {
  const line = { key, session_id: sessionId, org_id: orgId };
  if (stored.kind === 'no_such_session') log.error(line, 'the session of the object does not exist; dropped');
  else if (stored.kind === 'id_taken_by')
    log.error({ ...line, taken_by: stored.storageKey }, 'the object has the id of another upload; dropped');
  else if (stored.kind === 'device_revoked')
    log.warn(line, 'the photo arrived after its device was revoked; not accepted');
  else if (stored.kind === 'same_bytes_as')
    log.warn({ ...line, same_as: stored.imageId }, 'the session already has the same bytes');
  else if (stored.kind === 'skipped') log.info(line, 'a preview arrived after its original; kept but not shown');
  else log.info(line, 'another worker has already completed it');
}

function reportCompletion(
  completion: Completion,
  outcome: ImageOutcome,
  { orgId, sessionId }: StorageKeyParts,
  key: string,
  log: Logger,
): void {
  if (completion.kind === 'skipped') {
    log.info({ key }, 'a preview arrived after its original; kept but not shown');
    return;
  }
  if (completion.kind === 'already_done') {
    log.info({ key }, 'another worker has already completed it');
    return;
  }
  const { imageId, result } = completion;
  const line = { key, image_id: imageId, session_id: sessionId, org_id: orgId, result };
  if (outcome.kind === 'rejected') log.warn({ ...line, code: outcome.code }, outcome.message);
  else log.info(line, 'image completed');
}

/** The content type of an upload, from the extension of its storage key. */
export function contentTypeOf(key: string): ContentType {
  return key.endsWith('.heic') ? 'image/heic' : 'image/jpeg';
}

interface Downloaded {
  readonly sizeBytes: number;
  readonly sha256: string | null;
  readonly storedAt: Date | null;
  /** Set if the download must not be measured. */
  readonly rejected?: ImageOutcome;
}

/** @throws ObjectMissing if the object no longer exists */
async function download(key: string, file: string, { objects }: ImageDeps, signal: AbortSignal): Promise<Downloaded> {
  try {
    const { size, sha256Hex, lastModified } = await objects.download(key, file, { signal, maxBytes: maxImageBytes });
    return { sizeBytes: size, sha256: sha256Hex, storedAt: lastModified };
  } catch (error) {
    if (!(error instanceof ObjectTooLarge)) throw error;
    const head = await objects.head(key, { signal });
    if (head === null) throw new ObjectMissing(key);
    const [size, limit] = [head.size, maxImageBytes].map((bytes) => Math.ceil(bytes / 2 ** 20));
    const message = `The file has ${size} MB; at most ${limit} MB are allowed. Save it at a smaller size.`;
    const rejected: ImageOutcome = { kind: 'rejected', code: 'too_large', message };
    return { sizeBytes: head.size, sha256: null, storedAt: head.lastModified, rejected };
  }
}

async function measure(
  key: string,
  photo: Pick<MeasureRequest, 'file' | 'keepGps' | 'otherGrids'>,
  { objects, measurer, qc }: ImageDeps,
  trace: PhotoTrace,
  signal: AbortSignal,
): Promise<ImageOutcome> {
  try {
    const request = { ...photo, qc, maxBytes: maxImageBytes };
    const measured = await trace.span('measure', () => measurer.measure(request, signal));
    const store = async (size: (typeof thumbSizes)[number]): Promise<NewRendition> => {
      const { data } = measured.thumbs[size];
      const storageKey = thumbKey(key, size);
      await objects.put(storageKey, data, { contentType: 'image/jpeg', cacheControl: thumbCacheControl, signal });
      return { kind: 'thumbnail', width: size, format: 'jpeg', storageKey, sizeBytes: data.length };
    };
    const renditions = await trace.span('store thumbnails', () => Promise.all(thumbSizes.map(store)));
    const { width, height, exif, phash, colourGrid } = measured;
    return { kind: 'measured', width, height, exif, qc: measured.qc, judgeBy: qc, phash, colourGrid, renditions };
  } catch (error) {
    if (!(error instanceof ImageRejected)) throw error;
    return { kind: 'rejected', code: error.code, message: error.message };
  }
}

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ContentType,
  maxImageBytes,
  parseStorageKey,
  type StorageKeyParts,
  slotFromFileName,
  thumbKey,
  thumbSizes,
} from '@spinbay/contracts';
import { type Completion, completeImage, type ImageOutcome, imageProgress, keepsGps, type Store } from '@spinbay/core';
import { ImageRejected, type MeasureRequest, type Measurer, type QualityThresholds } from '@spinbay/imaging';
import { ObjectMissing, type Objects, ObjectTooLarge } from '@spinbay/objects';
import type { Logger } from '@spinbay/runtime';

export interface ImageDeps {
  readonly store: Store;
  readonly objects: Objects;
  readonly measurer: Pick<Measurer, 'measure'>;
  readonly qc: QualityThresholds;
  /** Folder for downloads in work. */
  readonly workFolder: string;
}

/** Thumbnails never change under their key. Private: a signed URL is somebody's. */
const thumbCacheControl = 'private, max-age=604800, immutable';

/**
 * Takes one uploaded original from its bucket to its completed row: download, measure, thumbnails, one transaction.
 * Done twice it does nothing the second time. A picture that cannot be read is a result (`failed` with the reason).
 * @throws whatever a passing fault threw: then the message is to be delivered again
 */
export async function processImage(
  storageKey: string,
  deps: ImageDeps,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const ids = parseStorageKey(storageKey);
  if (ids === null) {
    log.warn({ key: storageKey }, 'not the key of an original; dropped');
    return;
  }
  const workStartedAt = new Date();
  const tenant = deps.store.forOrg(ids.orgId, 'all');
  const { progress, keepGps } = await tenant.read(async (tx) => ({
    progress: await imageProgress(tx, storageKey),
    keepGps: await keepsGps(tx),
  }));
  if (progress === 'done') {
    log.debug({ key: storageKey }, 'done already');
    return;
  }
  // It may be gone: systems clear their folder for temporary files of what was not touched for some days.
  await mkdir(deps.workFolder, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(deps.workFolder, 'image-'));
  try {
    const tags = progress === 'unannounced' ? await deps.objects.tags(storageKey, { signal }) : {};
    const original = { file: join(folder, 'original'), keepGps };
    const { outcome, ...facts } = await examine(storageKey, ids, original, deps, signal, log);
    const slot = slotFromFileName(tags.slot ?? '');
    const object = { storageKey, contentType: contentTypeOf(storageKey), slot, workStartedAt, ...facts };
    const completion = await tenant.transact((tx) => completeImage(tx, ids, object, outcome));
    report(completion, ids, storageKey, log);
  } catch (error) {
    if (!(error instanceof ObjectMissing)) throw error;
    log.warn({ key: storageKey }, 'the object is gone; dropped');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report(completion: Completion, ids: StorageKeyParts, key: string, log: Logger): void {
  const line = { key, image_id: ids.imageId, session_id: ids.sessionId, org_id: ids.orgId };
  if (completion.kind === 'no_such_session') log.error(line, 'an object names a session that does not exist; dropped');
  else if (completion.kind === 'id_taken_by')
    log.error({ ...line, taken_by: completion.storageKey }, 'an object has the id of another image; dropped');
  else if (completion.kind === 'same_bytes_as')
    log.warn({ ...line, same_as: completion.imageId }, 'this session has the same bytes already');
  else if (completion.kind === 'already_done') log.info(line, 'another worker was faster');
  else log.info({ ...line, result: completion.result }, 'image completed');
}

function contentTypeOf(key: string): ContentType {
  return key.endsWith('.heic') ? 'image/heic' : 'image/jpeg';
}

type Original = Pick<MeasureRequest, 'file' | 'keepGps'>;

/** Downloads and measures. @throws ObjectMissing when there is no such object any more */
async function examine(
  key: string,
  ids: StorageKeyParts,
  original: Original,
  deps: ImageDeps,
  signal: AbortSignal,
  log: Logger,
): Promise<{ sizeBytes: number; sha256: string | null; uploadedAt: Date | null; outcome: ImageOutcome }> {
  try {
    const { size, sha256Hex, lastModified } = await deps.objects.download(key, original.file, {
      signal,
      maxBytes: maxImageBytes,
    });
    const outcome = await measure(key, ids, original, deps, signal, log);
    return { sizeBytes: size, sha256: sha256Hex, uploadedAt: lastModified, outcome };
  } catch (error) {
    if (!(error instanceof ObjectTooLarge)) throw error;
    const head = await deps.objects.head(key, { signal });
    if (head === null) throw new ObjectMissing(key);
    const [is, most] = [head.size, maxImageBytes].map((bytes) => Math.ceil(bytes / 2 ** 20));
    const message = `The file has ${is} MB; at most ${most} MB are taken. Save it smaller.`;
    return {
      sizeBytes: head.size,
      sha256: null,
      uploadedAt: head.lastModified,
      outcome: { kind: 'rejected', code: 'too_large', message },
    };
  }
}

async function measure(
  key: string,
  ids: StorageKeyParts,
  original: Original,
  { objects, measurer, qc }: ImageDeps,
  signal: AbortSignal,
  log: Logger,
): Promise<ImageOutcome> {
  try {
    const measured = await measurer.measure({ ...original, qc, maxBytes: maxImageBytes }, signal);
    const keys = { 150: thumbKey(key, 150), 600: thumbKey(key, 600), 1200: thumbKey(key, 1200) };
    await Promise.all(
      thumbSizes.map((size) =>
        objects.put(keys[size], measured.thumbs[size].data, {
          contentType: 'image/jpeg',
          cacheControl: thumbCacheControl,
          signal,
        }),
      ),
    );
    const { width, height, exif, status, version, phash } = measured;
    return {
      kind: 'measured',
      status,
      width,
      height,
      exif,
      qc: measured.qc,
      qcVersion: version,
      phash,
      thumbKeys: keys,
    };
  } catch (error) {
    if (!(error instanceof ImageRejected)) throw error;
    log.warn({ image_id: ids.imageId, code: error.code }, error.message);
    return { kind: 'rejected', code: error.code, message: error.message };
  }
}

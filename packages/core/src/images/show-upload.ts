import type { ImageId, ImageStatus, Qc, SlotId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';
import { originalOf, type UploadState } from '../uploads/upload-state.ts';
import type { CompletedUpload, JudgedOutcome } from './image-outcome.ts';

/** The state of a frame before an upload is shown. */
export interface Frame {
  readonly slotId: SlotId | null;
  readonly status: ImageStatus;
  readonly reservedAt: Date;
  /** An earlier upload was shown, or made the frame fail. */
  readonly seen: boolean;
  /** It has a picture. */
  readonly measured: boolean;
  /** Null: the original was not announced. */
  readonly original: UploadState | null;
}

export async function frameOf(tx: OrgTx, imageId: ImageId): Promise<Frame> {
  const [frame] = await tx.runPrepared(sql<Frame>`
    select i.slot_id as "slotId", i.status, i.created_at as "reservedAt", i.processed_at is not null as seen, i.qc is not null as measured,
      original.state as original
    from images i left join uploads original on ${tx.ofOrg('original')} and original.id = ${originalOf(imageId)}
    where ${tx.ofOrg('i')} and i.id = ${imageId}`);
  if (frame === undefined) throw new Error(`image ${imageId} has uploads but no row`);
  return frame;
}

/**
 * Makes a frame show a completed upload. After a frame was reserved, only this module changes the columns of an image that
 * describe its picture: key, digest, size, measurements, thumbnails and failure. (`rejudgeNextSession` judges stored
 * measurements again.)
 *
 * - An unreadable preview changes nothing, because the original may still arrive.
 * - An unreadable original fails its frame, which keeps the picture of its preview.
 * - A published frame stays published, regardless of its original.
 * @returns the verdict on the frame; null if the upload changes nothing
 */
export async function showUpload(
  tx: OrgTx,
  frame: Frame,
  upload: CompletedUpload,
  outcome: JudgedOutcome,
  duplicateOf: ImageId | undefined,
): Promise<'processed' | 'failed' | null> {
  if (outcome.kind === 'rejected' && upload.kind === 'preview') return null;
  const originalIsBroken = upload.kind === 'preview' && frame.original === 'rejected';
  const verdict = outcome.kind === 'rejected' || originalIsBroken ? 'failed' : outcome.status;
  const published = frame.status === 'published';
  await tx.run(
    build
      .updateTable('images')
      .set({
        ...(outcome.kind === 'rejected'
          ? { failure: JSON.stringify({ code: outcome.code, message: outcome.message }) }
          : { ...measurements(outcome, duplicateOf), ...(originalIsBroken ? {} : { failure: null }) }),
        ...(outcome.kind === 'rejected' && frame.measured ? {} : objectOf(upload)),
        ...(published ? { publish_override: verdict === 'failed' } : { status: verdict }),
        processed_at: sql<Date>`now()`,
      })
      .where(tx.ofOrg('images'))
      .where('id', '=', upload.imageId),
  );
  return verdict;
}

/** Fails a frame without a picture. @returns its slot, which the caller must settle */
export async function showFailure(
  tx: OrgTx,
  imageId: ImageId,
  failure: { code: string; message: string },
): Promise<SlotId | null> {
  const image = await tx.first(
    build
      .updateTable('images')
      .set({ status: 'failed', failure: JSON.stringify(failure), processed_at: sql<Date>`now()` })
      .where(tx.ofOrg('images'))
      .where('id', '=', imageId)
      .returning('slot_id'),
  );
  return image?.slot_id ?? null;
}

/** The largest PostgreSQL `integer`. Objects of 2 GiB or more were already rejected because of their size. */
const maxInteger = 2 ** 31 - 1;

function objectOf(upload: CompletedUpload) {
  return {
    storage_key: upload.storageKey,
    hash_sha256: upload.sha256,
    size_bytes: upload.sizeBytes <= maxInteger ? upload.sizeBytes : null,
  };
}

function measurements(outcome: JudgedOutcome & { kind: 'measured' }, duplicateOf: ImageId | undefined) {
  const qc: Qc = duplicateOf === undefined ? outcome.qc : { ...outcome.qc, duplicate_of: duplicateOf };
  const thumbs = outcome.renditions.filter(({ kind }) => kind === 'thumbnail');
  return {
    width: outcome.width,
    height: outcome.height,
    exif: JSON.stringify(outcome.exif),
    qc: JSON.stringify(qc),
    qc_version: outcome.qcVersion,
    phash: outcome.phash,
    colour_grid: Buffer.from(outcome.colourGrid),
    thumb_keys: JSON.stringify(Object.fromEntries(thumbs.map(({ width, storageKey }) => [width, storageKey]))),
  };
}

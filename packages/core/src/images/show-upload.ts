import type { ImageId, Qc, SlotId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { CompletedUpload, ImageOutcome } from './image-outcome.ts';

/**
 * Makes a completed upload what its frame shows. The only writer of what an image says about its picture: key, digest, size,
 * measurements, thumbnails and failure.
 * @returns the slot of the frame, which is to be settled
 */
export async function showUpload(
  tx: OrgTx,
  upload: CompletedUpload,
  outcome: ImageOutcome,
  duplicateOf: ImageId | undefined,
): Promise<SlotId | null> {
  const image = await tx.first(
    build
      .updateTable('images')
      .set({
        storage_key: upload.storageKey,
        hash_sha256: upload.sha256,
        size_bytes: upload.sizeBytes <= maxInteger ? upload.sizeBytes : null,
        processed_at: sql<Date>`now()`,
        ...columnsOf(outcome, duplicateOf),
      })
      .where(tx.ofOrg('images'))
      .where('id', '=', upload.imageId)
      .returning('slot_id'),
  );
  return image?.slot_id ?? null;
}

/** Of PostgreSQL's `integer`: an object of 2 GiB or more was refused for its size. */
const maxInteger = 2 ** 31 - 1;

function columnsOf(outcome: ImageOutcome, duplicateOf: ImageId | undefined) {
  if (outcome.kind === 'rejected') {
    return { status: 'failed' as const, failure: JSON.stringify({ code: outcome.code, message: outcome.message }) };
  }
  const qc: Qc = duplicateOf === undefined ? outcome.qc : { ...outcome.qc, duplicate_of: duplicateOf };
  const thumbs = outcome.renditions.filter(({ kind }) => kind === 'thumbnail');
  return {
    status: outcome.status,
    width: outcome.width,
    height: outcome.height,
    exif: JSON.stringify(outcome.exif),
    qc: JSON.stringify(qc),
    qc_version: outcome.qcVersion,
    phash: outcome.phash,
    thumb_keys: JSON.stringify(Object.fromEntries(thumbs.map(({ width, storageKey }) => [width, storageKey]))),
    failure: null,
  };
}

import type { ImageId, UploadId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';

/**
 * - `expected`: its URL was signed, and its bytes have not arrived
 * - `stored`: its bytes are in the bucket
 * - `processed`: they were measured
 * - `rejected`: they could not be read, differ from the announcement, or no worker could finish them
 * - `expired`: they did not arrive; a later upload revives it
 * - `skipped`: a preview that arrived after its original
 */
export type UploadState = 'expected' | 'stored' | 'processed' | 'rejected' | 'expired' | 'skipped';

/** Its bytes have not arrived. */
export function isAwaited(state: UploadState): boolean {
  return state === 'expected' || state === 'expired';
}

/** Whether nothing remains to be done. See `workableState` for an upload that may be retried. */
export function isFinal(state: UploadState): boolean {
  return state === 'processed' || state === 'rejected' || state === 'skipped';
}

/** The failure of an upload that arrived but that no worker could finish. */
export const notProcessed = {
  code: 'not_processed',
  message:
    'The photo arrived, but measuring it failed repeatedly. Take the photo again, or ask your administrator: the log and the dead-letter queue of the server say why.',
};

/** The state of an upload for the worker: an upload that no worker could finish may be retried. */
export const workableState: RawBuilder<UploadState> = sql`case
  when uploads.failure ->> 'code' = ${sql.lit(notProcessed.code)} then 'stored' else uploads.state end`;

/** The id of an image's original is the id of the image. A preview has another id, and so another storage key. */
export function originalOf(imageId: ImageId): UploadId {
  return imageId as string as UploadId;
}

/** The image whose original this is. */
export function imageOfOriginal(uploadId: UploadId): ImageId {
  return uploadId as string as ImageId;
}

import type { ImageId, UploadId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';

/**
 * - `expected`: its URL was handed out, its bytes are to come
 * - `stored`: its bytes are in the bucket
 * - `processed`: they were measured
 * - `rejected`: they could not be read, are not those that were announced, or no worker could finish with them
 * - `expired`: they never came; a later upload revives it
 * - `skipped`: a preview that came after its original
 */
export type UploadState = 'expected' | 'stored' | 'processed' | 'rejected' | 'expired' | 'skipped';

/** Its bytes are still to come. */
export function isAwaited(state: UploadState): boolean {
  return state === 'expected' || state === 'expired';
}

/** Nothing is left to do for it. */
export function isFinal(state: UploadState): boolean {
  return state === 'processed' || state === 'rejected' || state === 'skipped';
}

/** Why an upload is given up that arrived and that no worker could finish. */
export const notProcessed = {
  code: 'not_processed',
  message:
    'The photo arrived, but measuring it failed again and again. Shoot the frame again, or ask who runs this installation: its log and its dead-letter queue say why.',
};

/** The state of a row of uploads for who works on it: one that was given up may be tried again. */
export const workableState: RawBuilder<UploadState> = sql`case
  when uploads.failure ->> 'code' = ${sql.lit(notProcessed.code)} then 'stored' else uploads.state end`;

/** The id of an image's original: the image's own. A preview has another one, so that its storage key is another one. */
export function originalOf(imageId: ImageId): UploadId {
  return imageId as string as UploadId;
}

/** The image whose original this is. */
export function imageOfOriginal(uploadId: UploadId): ImageId {
  return uploadId as string as ImageId;
}

import type { ImageId, UploadId } from '@spinbay/contracts';

/**
 * - `expected`: its URL was handed out, its bytes are to come
 * - `stored`: its bytes are in the bucket
 * - `processed`: they were measured
 * - `rejected`: they could not be read, or are not those that were announced
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

/** The id of an image's original: the image's own. A preview has another one, so that its storage key is another one. */
export function originalOf(imageId: ImageId): UploadId {
  return imageId as string as UploadId;
}

/** The image whose original this is. */
export function imageOfOriginal(uploadId: UploadId): ImageId {
  return uploadId as string as ImageId;
}

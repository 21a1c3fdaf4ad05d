import type { LocalPhoto } from '@spinbay/outbox';

/** Whether the operator can save the original to the gallery: the last resort for a photo that may never arrive. */
export function canSave({ has_original, upload }: LocalPhoto, signedOut: boolean): boolean {
  if (!has_original) return false;
  if (upload.state === 'waiting') return signedOut || upload.problem !== undefined;
  return upload.state === 'stuck';
}

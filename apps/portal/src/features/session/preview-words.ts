import type { Image } from '@spinbay/contracts';
import { texts } from '../../ui/texts.ts';

/** Where the original of a frame stands that shows a preview; null when it shows its original, or nothing. */
export function previewWords({
  shown_upload,
  original_state,
  qc,
}: Pick<Image, 'shown_upload' | 'original_state' | 'qc'>) {
  if (shown_upload !== 'preview' || qc === null) return null;
  const words = texts.gallery.preview;
  if (original_state === null) return words.unannounced;
  return original_state === 'expired' || original_state === 'rejected' ? words[original_state] : words.announced;
}

/** Its verdict and its picture are provisional: the original may still come. */
export function awaitsOriginal({ shown_upload, original_state }: Pick<Image, 'shown_upload' | 'original_state'>) {
  return shown_upload === 'preview' && original_state !== 'expired' && original_state !== 'rejected';
}

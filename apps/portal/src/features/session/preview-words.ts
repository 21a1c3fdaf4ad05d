import type { Image } from '@spinbay/contracts';
import { texts } from '../../ui/texts.ts';

/** A text about the state of the original if the frame shows a preview; null if it shows its original or nothing. */
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

/** Whether picture and verdict are provisional, because the original may still arrive. */
export function awaitsOriginal({ shown_upload, original_state }: Pick<Image, 'shown_upload' | 'original_state'>) {
  return shown_upload === 'preview' && original_state !== 'expired' && original_state !== 'rejected';
}

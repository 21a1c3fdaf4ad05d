import { ImageRejected } from '../image-rejected.ts';
import { Bytes } from './boxes.ts';
import type { HeifItem, HeifItems } from './heif-items.ts';

/** The TIFF block of the EXIF item, or null. Unreadable EXIF does not make the picture invalid. */
export function readExifItem(items: HeifItems, primary: HeifItem): Uint8Array | null {
  try {
    const id = items.referring(primary.id, 'cdsc').find((from) => items.item(from).type === 'Exif');
    if (id === undefined) return null;
    const bytes = new Bytes(items.data(id));
    bytes.take(bytes.uint(4));
    return bytes.take(bytes.left);
  } catch (error) {
    if (error instanceof ImageRejected) return null;
    throw error;
  }
}

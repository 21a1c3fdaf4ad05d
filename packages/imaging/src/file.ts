import type { Exif } from '@spinbay/contracts';
import { noExif, readExif } from './exif.ts';
import { readExifItem } from './heic/heif-exif.ts';
import { readHeifItems } from './heic/heif-items.ts';
import { sniffFormat } from './image-format.ts';
import { ImageRejected } from './image-rejected.ts';
import { readJpegHeader } from './jpeg-header.ts';

/** Reads the metadata of a file without decoding it, for clients that upload photos. This module must not import sharp. */

export { sniffFormat };

/** Reads the EXIF fields without the GPS position. All are null if the file is damaged or not a photo. */
export function exifOf(bytes: Uint8Array): Exif {
  const block = exifBlock(bytes);
  return block === null ? noExif : readExif(block, false);
}

function exifBlock(bytes: Uint8Array): Uint8Array | null {
  const format = sniffFormat(bytes);
  if (format === 'jpeg') {
    const header = readJpegHeader(bytes);
    return typeof header === 'string' ? null : header.exif;
  }
  if (format !== 'heic') return null;
  try {
    const items = readHeifItems(bytes);
    return readExifItem(items, items.primary);
  } catch (error) {
    if (error instanceof ImageRejected) return null;
    throw error;
  }
}

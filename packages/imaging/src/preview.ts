import { maxPixels } from './picture-size.ts';
import { setUpSharp } from './set-up-sharp.ts';

/**
 * A small JPEG of a photo in a file: upright, in sRGB, without metadata.
 * @param longSide in pixels; a smaller photo keeps its size
 * @returns null if the photo is missing or damaged, if its format (such as HEIC) cannot be decoded here, or if sharp is not
 * installed
 */
export async function makePreview(path: string, longSide: number): Promise<Buffer | null> {
  try {
    // Only when needed: the command line loads this module in installations without sharp.
    const { default: sharp } = await import('sharp');
    setUpSharp(sharp);
    return await sharp(path, { limitInputPixels: maxPixels, failOn: 'warning' })
      .rotate()
      .resize(longSide, longSide, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 80 })
      .toBuffer();
  } catch {
    return null;
  }
}

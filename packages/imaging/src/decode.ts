import sharp from 'sharp';
import { ImageRejected } from './image-rejected.ts';
import type { PixelBuffer } from './kernel/quality-measures.ts';
import { maxPixels } from './picture-size.ts';
import { setUpSharp } from './set-up-sharp.ts';

setUpSharp(sharp);

/** A 12-megapixel frame takes about 0.1 s. The limit is for files that are made to be slow. */
const decodeSeconds = 20;

/**
 * Decodes the full picture in its stored orientation. RGB values are not converted to another colour space: the score is
 * defined on the stored values, and converting a P3 photo takes three times as long as decoding it. Grey and CMYK become
 * RGB.
 * @throws ImageRejected if it cannot be decoded
 */
export async function decodeJpeg(bytes: Buffer): Promise<PixelBuffer> {
  const strict = await attempt(bytes, 'warning');
  if (!(strict instanceof ImageRejected)) return strict;
  // With 'error' alone, a picture that ends too early with an end marker is accepted, and the rest of it is grey. With
  // 'warning', some real photos fail for harmless reasons, such as stray bytes between segments. These are decoded again
  // with 'error'.
  if (strict.code !== 'decode_failed' || /bad huffman/i.test(strict.message)) throw strict;
  const lenient = await attempt(bytes, 'error');
  if (lenient instanceof ImageRejected) throw lenient;
  return lenient;
}

async function attempt(bytes: Buffer, failOn: 'warning' | 'error'): Promise<PixelBuffer | ImageRejected> {
  try {
    const { data, info } = await sharp(bytes, {
      ignoreIcc: true,
      sequentialRead: true,
      limitInputPixels: maxPixels,
      failOn,
    })
      .timeout({ seconds: decodeSeconds })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) {
      return new ImageRejected('decode_failed', `The picture has ${info.channels} colour channels instead of 3.`);
    }
    return { data, width: info.width, height: info.height };
  } catch (error) {
    return rejectionFor(error instanceof Error ? error.message : String(error));
  }
}

function rejectionFor(reason: string): ImageRejected {
  if (/timeout/i.test(reason)) {
    return new ImageRejected('decode_timeout', `Decoding took more than ${decodeSeconds} s and was stopped.`);
  }
  if (/premature end/i.test(reason)) {
    return new ImageRejected('truncated', 'The file ends in the middle of the picture: upload it again.');
  }
  const firstLine = reason.trim().split('\n')[0]?.slice(0, 200) ?? '';
  return new ImageRejected('decode_failed', `The picture data is damaged and cannot be decoded (${firstLine}).`);
}

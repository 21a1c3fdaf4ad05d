import sharp from 'sharp';
import { ImageRejected } from './image-rejected.ts';
import type { PixelBuffer } from './kernel/quality-measures.ts';

// Pictures are never seen twice, so a cache would only hold memory; one thread per picture keeps the cores for others.
sharp.cache(false);
sharp.concurrency(1);
// sharp picks the decoder by content: without this a PNG or SVG named .jpg would be decoded by its own loader.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpeg'] });

/** 330 MB of RGB. Above what phones and tethered full-frame cameras deliver: a Sony A7R V has 60.2 megapixels, a Fujifilm GFX 102. */
export const maxPixels = 110e6;

/** Rounded up, so that what is over the limit reads so. */
export function tooManyPixels(width: number, height: number): string {
  const megapixels = Math.ceil((width * height) / 1e5) / 10;
  return `The picture has ${width} x ${height} pixels (${megapixels} megapixels); at most ${maxPixels / 1e6} megapixels are taken.`;
}

/** A 12-megapixel frame takes about 0.1 s; this is for files made to be slow. */
const decodeSeconds = 20;

/**
 * The one full decode of a picture. Pixels stay in the file's own colour space (converting a P3 photo costs three times
 * the decode, and the score must be that of the stored values) and in stored orientation.
 */
export async function decodeJpeg(bytes: Buffer): Promise<PixelBuffer> {
  const strict = await attempt(bytes, 'warning');
  if (!(strict instanceof ImageRejected)) return strict;
  // At 'error' alone, a picture whose data stop half-way at an end marker passes, its rest grey. At 'warning' real photos
  // fail too, for harmless oddities such as stray bytes between segments: those get a second, more lenient look.
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
      return new ImageRejected('decode_failed', `The picture has ${info.channels} colour channels in place of 3.`);
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

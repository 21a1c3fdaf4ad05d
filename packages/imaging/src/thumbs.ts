import type { ThumbSize } from '@spinbay/contracts';
import sharp, { type Sharp } from 'sharp';
import { withIccProfile } from './jpeg-header.ts';
import type { PixelBuffer } from './kernel/quality-measures.ts';
import { uprightSquare } from './upright.ts';

export interface Thumb {
  /** A JPEG. Its only metadata is the source's ICC profile, if that is for RGB and not very large. */
  readonly data: Buffer;
  /** The side of the square in pixels: the nominal size, or the source's short side if that is smaller. */
  readonly size: number;
}

const quality = 85;
/**
 * Larger colour profiles are left out. Those of cameras have some kilobytes and the largest of sRGB has 61 KB, but a HEIC
 * may contain one as large as the file, and every thumb would repeat it.
 */
const maxIccBytes = 128 * 1024;

/** Makes upright centre-cropped squares. Each is made from the next larger one, which saves two resizes of 12 megapixels. */
export async function makeThumbs(
  picture: PixelBuffer,
  orientation: number,
  icc: Uint8Array | null,
): Promise<Record<ThumbSize, Thumb>> {
  const largest = uprightSquare(await centreSquare(picture, 1200), orientation);
  const middle = await centreSquare(largest, 600);
  const smallest = await centreSquare(middle, 150);
  return {
    150: await encode(smallest, icc),
    600: await encode(middle, icc),
    1200: await encode(largest, icc),
  };
}

async function centreSquare(picture: PixelBuffer, wanted: number): Promise<PixelBuffer> {
  const side = Math.min(picture.width, picture.height);
  const size = Math.min(side, wanted);
  if (picture.width === size && picture.height === size) return picture;
  const data = await open(picture)
    .extract({
      left: (picture.width - side) >> 1,
      top: (picture.height - side) >> 1,
      width: side,
      height: side,
    })
    .resize(size, size, { kernel: 'cubic' })
    .raw()
    .toBuffer();
  return { data, width: size, height: size };
}

async function encode(square: PixelBuffer, icc: Uint8Array | null): Promise<Thumb> {
  // Optimized Huffman tables would save 1-2 % of the bytes but take nearly three times as long.
  const jpeg = await open(square).jpeg({ quality, optimiseCoding: false }).toBuffer();
  const data = icc && icc.length <= maxIccBytes && isForRgb(icc) ? Buffer.from(withIccProfile(jpeg, icc).buffer) : jpeg;
  return { data, size: square.width };
}

function open({ data, width, height }: PixelBuffer): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Whether the profile is for RGB, by its bytes 16-19. A CMYK or grey profile would show wrong colours. */
function isForRgb(icc: Uint8Array): boolean {
  return String.fromCharCode(...icc.subarray(16, 20)) === 'RGB ';
}

import type { GreyPicture, PixelBuffer } from '@spinbay/imaging/kernels';
import type { PixelFormat, RawPixelData } from 'react-native-nitro-image';

/** The offsets of red, green and blue in a pixel, and the size of a pixel. */
const layouts: Partial<Record<PixelFormat, readonly [red: number, green: number, blue: number, bytes: number]>> = {
  ARGB: [1, 2, 3, 4],
  XRGB: [1, 2, 3, 4],
  BGRA: [2, 1, 0, 4],
  BGRX: [2, 1, 0, 4],
  ABGR: [3, 2, 1, 4],
  XBGR: [3, 2, 1, 4],
  RGBA: [0, 1, 2, 4],
  RGBX: [0, 1, 2, 4],
  RGB: [0, 1, 2, 3],
  BGR: [2, 1, 0, 3],
};

/** Rows may end with padding. @throws if the byte order is unknown or bytes are missing */
function layoutOf({ buffer, width, height, pixelFormat }: RawPixelData) {
  const layout = layouts[pixelFormat];
  if (layout === undefined) throw new Error(`the pixel format ${pixelFormat} is unknown`);
  const [red, green, blue, bytes] = layout;
  const rowBytes = Math.floor(buffer.byteLength / height);
  if (rowBytes < width * bytes) throw new Error('the picture has too few bytes');
  return { red, green, blue, bytes, rowBytes, data: new Uint8Array(buffer) };
}

/** The pixels in the form that the kernels need: R, G, B without padding. */
export function rgbOf(raw: RawPixelData): PixelBuffer {
  const { red, green, blue, bytes, rowBytes, data } = layoutOf(raw);
  const { width, height } = raw;
  const rgb = new Uint8Array(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = y * rowBytes;
    for (let x = 0; x < width; x++, from += bytes) {
      rgb[to++] = data[from + red] as number;
      rgb[to++] = data[from + green] as number;
      rgb[to++] = data[from + blue] as number;
    }
  }
  return { data: rgb, width, height };
}

export function greyOf(raw: RawPixelData): GreyPicture {
  const { data: rgb, width, height } = rgbOf(raw);
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    const at = i * 3;
    data[i] = ((rgb[at] as number) * 77 + (rgb[at + 1] as number) * 150 + (rgb[at + 2] as number) * 29) >> 8;
  }
  return { data, width, height };
}

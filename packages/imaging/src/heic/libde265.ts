import { createRequire } from 'node:module';
import { ImageRejected } from '../image-rejected.ts';
import type { CodedTile } from './heif-picture.ts';
import { splitUnits } from './hevc-headers.ts';
import { webAssembly } from './web-assembly.ts';

/** The HEVC decoder inside libheif-js, without libheif: our own code reads the container. */
interface Libde265 {
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(at: number): void;
  _de265_init(): number;
  _de265_new_decoder(): number;
  _de265_free_decoder(decoder: number): number;
  _de265_set_parameter_bool(decoder: number, parameter: number, value: number): void;
  _de265_push_NAL(decoder: number, at: number, length: number, ptsLow: number, ptsHigh: number, user: number): number;
  _de265_flush_data(decoder: number): number;
  _de265_decode(decoder: number, more: number): number;
  _de265_get_next_picture(decoder: number): number;
  _de265_get_chroma_format(picture: number): number;
  _de265_get_image_width(picture: number, channel: number): number;
  _de265_get_image_height(picture: number, channel: number): number;
  _de265_get_bits_per_pixel(picture: number, channel: number): number;
  _de265_get_image_plane(picture: number, channel: number, stride: number): number;
  _de265_get_image_colour_primaries(picture: number): number;
  _de265_get_image_matrix_coefficients(picture: number): number;
  _de265_get_image_full_range_flag(picture: number): number;
}

/** A colour plane in the decoder's memory. Samples of more than 8 bits take two bytes, little-endian. */
export interface Plane {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** The number of bytes from one row to the next. */
  readonly stride: number;
  readonly bits: number;
}

export interface DecodedTile {
  /** 0: grey, 1: 4:2:0, 2: 4:2:2, 3: 4:4:4 */
  readonly chromaFormat: number;
  /** Y, Cb and Cr, or only Y for grey. */
  readonly planes: readonly Plane[];
  readonly colour: { readonly primaries: number; readonly matrix: number; readonly fullRange: boolean };
}

/** enum de265_param: suppresses incomplete pictures, which would have grey patches. */
const suppressFaultyPictures = 6;
/** de265_error: out of input. This is how decoding ends. */
const waitingForInput = 13;

let loaded: Libde265 | undefined;

function load(): Libde265 {
  if (!loaded) {
    // The module contains the WebAssembly as text. It is loaded with the first HEIC, because loading takes about 70 ms.
    loaded = createRequire(import.meta.url)('libheif-js/wasm-bundle') as Libde265;
    loaded._de265_init();
  }
  return loaded;
}

/**
 * Decodes one coded picture and passes its planes to `use`. They are freed when `use` returns.
 * @throws ImageRejected if the data are damaged
 */
export function decodeTile(tile: CodedTile, use: (decoded: DecodedTile) => void): void {
  const lib = load();
  const decoder = lib._de265_new_decoder();
  try {
    lib._de265_set_parameter_bool(decoder, suppressFaultyPictures, 1);
    for (const unit of tile.configuration.parameterSets) push(lib, decoder, unit);
    for (const unit of splitUnits(tile.data, tile.configuration.lengthSize)) push(lib, decoder, unit);
    check(lib._de265_flush_data(decoder));
    use(readPicture(lib, run(lib, decoder), tile));
  } catch (error) {
    // A fault leaves the WebAssembly memory in an unknown state, so the next picture gets a new instance.
    if (!(error instanceof ImageRejected)) loaded = undefined;
    throw error instanceof webAssembly.RuntimeError ? broken('the decoder gave up') : error;
  } finally {
    if (loaded) lib._de265_free_decoder(decoder);
  }
}

function push(lib: Libde265, decoder: number, unit: Uint8Array): void {
  const at = lib._malloc(unit.length);
  if (at === 0) throw broken('too little memory');
  lib.HEAPU8.set(unit, at);
  const error = lib._de265_push_NAL(decoder, at, unit.length, 0, 0, 0);
  lib._free(at);
  check(error);
}

function run(lib: Libde265, decoder: number): number {
  const more = lib._malloc(4);
  try {
    // Each round decodes at least one NAL unit, and a still picture has few.
    for (let rounds = 0; rounds < 10_000; rounds++) {
      const error = lib._de265_decode(decoder, more);
      const picture = lib._de265_get_next_picture(decoder);
      if (picture !== 0) return picture;
      if (error === waitingForInput) break;
      check(error);
      if (lib.HEAPU8[more] === 0) break;
    }
    throw broken('the decoder returned no picture');
  } finally {
    lib._free(more);
  }
}

function readPicture(lib: Libde265, picture: number, { configuration }: CodedTile): DecodedTile {
  const { sequence } = configuration;
  const chromaFormat = lib._de265_get_chroma_format(picture);
  const strideAt = lib._malloc(4);
  const planes = Array.from({ length: chromaFormat === 0 ? 1 : 3 }, (_, channel) => {
    const at = lib._de265_get_image_plane(picture, channel, strideAt);
    const heap = lib.HEAPU8;
    const stride = new DataView(heap.buffer).getInt32(strideAt, true);
    const height = lib._de265_get_image_height(picture, channel);
    const bits = lib._de265_get_bits_per_pixel(picture, channel);
    const width = lib._de265_get_image_width(picture, channel);
    const data = heap.subarray(at, at + stride * (height - 1) + width * (bits > 8 ? 2 : 1));
    return { data, width, height, stride, bits };
  });
  lib._free(strideAt);
  const [luma] = planes;
  if (luma?.width !== sequence.width || luma.height !== sequence.height || chromaFormat !== sequence.chromaFormat) {
    throw broken('its size differs from the declared one');
  }
  return {
    chromaFormat,
    planes,
    colour: {
      primaries: lib._de265_get_image_colour_primaries(picture),
      matrix: lib._de265_get_image_matrix_coefficients(picture),
      fullRange: lib._de265_get_image_full_range_flag(picture) !== 0,
    },
  };
}

/** de265_error: 0 is success. 1000 and above are warnings, including concealed errors; all of them fail the picture. */
function check(error: number): void {
  if (error !== 0) throw broken(`decoder error ${error}`);
}

function broken(why: string): ImageRejected {
  return new ImageRejected(
    'decode_failed',
    `The picture data of the HEIC file are damaged and cannot be decoded (${why}): upload the original file again.`,
  );
}

import { colourWasm } from './colour-wasm.ts';
import type { ColourWeights } from './colour-weights.ts';
import type { Crop } from './heif-picture.ts';
import type { DecodedTile, Plane } from './libde265.ts';
import { webAssembly } from './web-assembly.ts';

/** The interleaved RGB pixels of the cropped picture. */
export interface Canvas {
  readonly data: Uint8Array;
  readonly crop: Crop;
}

/** Converts a decoded tile to RGB and writes its visible pixels. `left` and `top` are its position in the whole picture. */
export function paintTile(tile: DecodedTile, weights: ColourWeights, canvas: Canvas, left: number, top: number): void {
  const isCommon = tile.chromaFormat === 1 && tile.planes.every(({ bits }) => bits === 8);
  if (isCommon) paintCommon(tile, weights, canvas, left, top);
  else paintAny(tile, weights, canvas, left, top);
}

interface Kernel {
  convert420(
    ...numbers: [
      luma: number,
      lumaStride: number,
      cb: number,
      cr: number,
      chromaStride: number,
      out: number,
      outStride: number,
      width: number,
      rows: number,
      lumaWeight: number,
      offset: number,
      redOfCr: number,
      greenOfCb: number,
      greenOfCr: number,
      blueOfCb: number,
    ]
  ): void;
}

/** Rows converted at a time. Few, to keep the kernel's memory small. Even, because two rows share their chroma. */
const stripRows = 32;
/** The kernel processes 16 pixels at a time, so it reads and writes beyond the end of a row. */
const room = 64;

let loaded: { kernel: Kernel; memory: InstanceType<typeof webAssembly.Memory> } | undefined;

function load(bytes: number) {
  if (!loaded) {
    const memory = new webAssembly.Memory({ initial: 1 });
    const module = new webAssembly.Module(Buffer.from(colourWasm, 'base64'));
    const { exports } = new webAssembly.Instance(module, { env: { memory } });
    loaded = { memory, kernel: exports as unknown as Kernel };
  }
  const missing = bytes - loaded.memory.buffer.byteLength;
  if (missing > 0) loaded.memory.grow(Math.ceil(missing / 65_536));
  return { kernel: loaded.kernel, heap: new Uint8Array(loaded.memory.buffer) };
}

/** The common format of cameras: 8 bits, 4:2:0. Six times as fast as `paintAny`, with bit-identical results. */
function paintCommon(
  tile: DecodedTile,
  weights: ColourWeights,
  { data, crop }: Canvas,
  left: number,
  top: number,
): void {
  const [luma, cb, cr] = tile.planes;
  if (!luma || !cb || !cr) throw new RangeError('Three planes were expected.');
  const part = overlap(luma, crop, left, top);
  const outStride = Math.ceil(luma.width / 16) * 48;
  const lumaAt = 0;
  const cbAt = lumaAt + luma.stride * stripRows + room;
  const crAt = cbAt + (cb.stride * stripRows) / 2 + room;
  const outAt = crAt + (cb.stride * stripRows) / 2 + room;
  const { kernel, heap } = load(outAt + outStride * stripRows + room);
  const { luma: weight, offset, redOfCr, greenOfCb, greenOfCr, blueOfCb } = weights;
  for (let strip = part.fromY & ~1; strip < part.toY; strip += stripRows) {
    const end = Math.min(strip + stripRows, part.toY);
    heap.set(luma.data.subarray(strip * luma.stride, end * luma.stride), lumaAt);
    const [fromC, endC] = [(strip >> 1) * cb.stride, ((end + 1) >> 1) * cb.stride];
    heap.set(cb.data.subarray(fromC, endC), cbAt);
    heap.set(cr.data.subarray(fromC, endC), crAt);
    const [width, rows] = [luma.width, end - strip];
    const planes = [lumaAt, luma.stride, cbAt, crAt, cb.stride, outAt, outStride, width, rows] as const;
    kernel.convert420(...planes, weight, offset, redOfCr, greenOfCb, greenOfCr, blueOfCb);
    for (let y = Math.max(strip, part.fromY); y < end; y++) {
      const from = outAt + (y - strip) * outStride;
      const to = ((top + y - crop.top) * crop.width + left + part.fromX - crop.left) * 3;
      data.set(heap.subarray(from + part.fromX * 3, from + part.toX * 3), to);
    }
  }
}

/** Handles every chroma format and bit depth. */
export function paintAny(
  tile: DecodedTile,
  weights: ColourWeights,
  { data, crop }: Canvas,
  left: number,
  top: number,
): void {
  const [luma, cb, cr] = tile.planes.map(to8Bits);
  if (!luma) throw new RangeError('A luma plane was expected.');
  const { luma: weight, offset, redOfCr, greenOfCb, greenOfCr, blueOfCb } = weights;
  const shiftX = tile.chromaFormat === 1 || tile.chromaFormat === 2 ? 1 : 0;
  const shiftY = tile.chromaFormat === 1 ? 1 : 0;
  const part = overlap(luma, crop, left, top);
  for (let y = part.fromY; y < part.toY; y++) {
    let at = ((top + y - crop.top) * crop.width + left + part.fromX - crop.left) * 3;
    for (let x = part.fromX; x < part.toX; x++) {
      const value = weight * (luma.data[y * luma.stride + x] as number) + offset;
      const b = cb ? (cb.data[(y >> shiftY) * cb.stride + (x >> shiftX)] as number) - 128 : 0;
      const r = cr ? (cr.data[(y >> shiftY) * cr.stride + (x >> shiftX)] as number) - 128 : 0;
      data[at] = clamp((value + redOfCr * r) >> 13);
      data[at + 1] = clamp((value + greenOfCb * b + greenOfCr * r) >> 13);
      data[at + 2] = clamp((value + blueOfCb * b) >> 13);
      at += 3;
    }
  }
}

/** The visible part of a tile in tile pixels. Empty if none is visible. */
function overlap({ width, height }: Plane, crop: Crop, left: number, top: number) {
  return {
    fromX: Math.max(0, crop.left - left),
    fromY: Math.max(0, crop.top - top),
    toX: Math.max(0, Math.min(width, crop.left + crop.width - left)),
    toY: Math.max(0, Math.min(height, crop.top + crop.height - top)),
  };
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** HDR pictures have 10 bits. Thumbnails and thresholds need only 8, so values are rounded. */
function to8Bits(plane: Plane): Plane {
  const { data, width, height, stride, bits } = plane;
  if (bits === 8) return plane;
  const narrow = new Uint8Array(width * height);
  const shift = bits - 8;
  const half = 1 << (shift - 1);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let from = y * stride, end = from + width * 2; from < end; from += 2) {
      narrow[at++] = Math.min(255, ((data[from] as number) + ((data[from + 1] as number) << 8) + half) >> shift);
    }
  }
  return { data: narrow, width, height, stride: width, bits: 8 };
}

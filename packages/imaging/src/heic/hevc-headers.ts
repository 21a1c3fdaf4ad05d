import { Bytes, damaged } from './boxes.ts';

/** The decoder configuration: the `hvcC` property (ISO/IEC 14496-15, 8.3.3.1). */
export interface HevcConfiguration {
  /** VPS, SPS, PPS: each a NAL unit without start code. */
  readonly parameterSets: readonly Uint8Array[];
  /** The size of the length field before each NAL unit, in bytes. */
  readonly lengthSize: number;
  readonly sequence: HevcSequence;
}

/** The first fields of a sequence parameter set (H.265, 7.3.2.2). They determine the memory that decoding needs. */
interface HevcSequence {
  /** The coded size, before the conformance window is applied. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** The decoder's output size, after the conformance window is applied. */
  readonly width: number;
  readonly height: number;
  /** 0: grey, 1: 4:2:0, 2: 4:2:2, 3: 4:4:4 */
  readonly chromaFormat: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
}

const spsType = 33;
const maxParameterSets = 64;

export function readHevcConfiguration(property: Uint8Array): HevcConfiguration {
  const bytes = new Bytes(property);
  bytes.take(21);
  const lengthSize = (bytes.uint(1) & 3) + 1;
  const parameterSets: Uint8Array[] = [];
  let sequence: HevcSequence | null = null;
  for (let arrays = bytes.uint(1); arrays > 0; arrays--) {
    bytes.uint(1);
    for (let units = bytes.uint(2); units > 0; units--) {
      const unit = bytes.take(bytes.uint(2));
      if (parameterSets.length === maxParameterSets) throw damaged('too many parameter sets');
      parameterSets.push(unit);
      if (unitType(unit) !== spsType) continue;
      if (sequence) throw damaged('several sequence parameter sets');
      sequence = readSequence(unit);
    }
  }
  if (!sequence) throw damaged('no sequence parameter set');
  return { parameterSets, lengthSize, sequence };
}

/** Splits an item's data into NAL units. Rejects parameter sets among them, because their sizes were not checked. */
export function splitUnits(data: Uint8Array, lengthSize: number): Uint8Array[] {
  const units: Uint8Array[] = [];
  let at = 0;
  while (at < data.length) {
    let length = 0;
    for (let i = 0; i < lengthSize; i++) length = length * 256 + (data[at++] ?? 0);
    if (length < 2 || at + length > data.length) throw damaged('picture data of the wrong length');
    const unit = data.subarray(at, at + length);
    if (unitType(unit) === spsType) throw damaged('a second sequence parameter set');
    units.push(unit);
    at += length;
  }
  return units;
}

function unitType(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 63;
}

function readSequence(unit: Uint8Array): HevcSequence {
  const bits = new Bits(withoutEmulation(unit.subarray(2)));
  bits.read(4);
  const subLayers = bits.read(3);
  bits.read(1);
  skipProfile(bits, subLayers);
  bits.golomb();
  const chromaFormat = bits.golomb();
  if (chromaFormat > 3) throw damaged('an unknown chroma format');
  if (chromaFormat === 3) bits.read(1);
  const codedWidth = bits.golomb();
  const codedHeight = bits.golomb();
  let [width, height] = [codedWidth, codedHeight];
  if (bits.read(1) === 1) {
    const [left, right, top, bottom] = [bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()];
    width -= (left + right) * (chromaFormat === 1 || chromaFormat === 2 ? 2 : 1);
    height -= (top + bottom) * (chromaFormat === 1 ? 2 : 1);
  }
  const lumaBits = bits.golomb() + 8;
  const chromaBits = bits.golomb() + 8;
  if (width < 1 || height < 1 || lumaBits > 16 || chromaBits > 16) throw damaged('an impossible picture size');
  return { codedWidth, codedHeight, width, height, chromaFormat, lumaBits, chromaBits };
}

/** profile_tier_level (H.265, 7.3.3). */
function skipProfile(bits: Bits, subLayers: number): void {
  bits.skip(96);
  const present = Array.from({ length: subLayers }, () => ({ profile: bits.read(1), level: bits.read(1) }));
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const { profile, level } of present) bits.skip(88 * profile + 8 * level);
}

/** Removes emulation prevention bytes: 00 00 03 stands for 00 00, so that no start code appears inside a NAL unit. */
function withoutEmulation(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  let length = 0;
  let zeros = 0;
  for (const byte of data) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

class Bits {
  private readonly data: Uint8Array;
  private at = 0;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  skip(count: number): void {
    this.at += count;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.at++) {
      const byte = this.data[this.at >> 3];
      if (byte === undefined) throw damaged('a parameter set that ends too early');
      value = value * 2 + ((byte >> (7 - (this.at & 7))) & 1);
    }
    return value;
  }

  /** Reads an unsigned Exp-Golomb number: ue(v) of H.265, 9.2. */
  golomb(): number {
    let zeros = 0;
    while (this.read(1) === 0) if (++zeros > 31) throw damaged('a number out of range');
    return 2 ** zeros - 1 + this.read(zeros);
  }
}

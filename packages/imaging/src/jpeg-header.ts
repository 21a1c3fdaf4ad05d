/** The header of a JPEG file up to its first scan. Reading it decodes no pixels. */
export interface JpegHeader {
  /** The stored size, before the EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly bitsPerSample: number;
  /** Whether it is a Huffman-coded baseline, extended or progressive DCT of 8 bits per sample. Cameras write only these. */
  readonly decodable: boolean;
  readonly progressive: boolean;
  /** The number of scans of a progressive file, or 1. */
  readonly scans: number;
  /** The TIFF block of the first EXIF segment, without the `Exif\0\0` prefix. */
  readonly exif: Uint8Array | null;
  /** The ICC profile, joined from its APP2 segments. Null if absent or incomplete. */
  readonly icc: Uint8Array | null;
}

type JpegHeaderFault = 'truncated' | 'corrupt';

const startOfScan = 0xda;
const endOfImage = 0xd9;

/**
 * Reads the marker segments up to the first scan. For a progressive file, it continues to the end to count the scans.
 * Time is linear in the file size. Only the ICC profile is copied.
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | JpegHeaderFault {
  let frame: { width: number; height: number; components: number; bitsPerSample: number; marker: number } | null = null;
  let exif: Uint8Array | null = null;
  const iccParts = new Map<number, Uint8Array>();
  let iccCount = 0;
  let at = 2;
  for (;;) {
    // A marker may be preceded by any number of 0xFF fill bytes.
    if (at >= bytes.length) return 'truncated';
    if (bytes[at] !== 0xff) return 'corrupt';
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) return 'truncated';
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    if (marker === 0x00 || marker === 0xd8 || marker === endOfImage) return 'corrupt';
    if (at + 2 > bytes.length) return 'truncated';
    const length = uint16(bytes, at);
    if (length < 2) return 'corrupt';
    const end = at + length;
    if (end > bytes.length) return 'truncated';
    const body = bytes.subarray(at + 2, end);
    if (isStartOfFrame(marker)) {
      if (frame || body.length < 6) return 'corrupt';
      frame = {
        marker,
        bitsPerSample: body[0] ?? 0,
        height: uint16(body, 1),
        width: uint16(body, 3),
        components: body[5] ?? 0,
      };
    } else if (marker === 0xe1 && !exif && hasPrefix(body, 'Exif\0\0')) {
      exif = body.subarray(6);
    } else if (marker === 0xe2 && body.length > 14 && hasPrefix(body, 'ICC_PROFILE\0')) {
      iccCount = body[13] ?? 0;
      iccParts.set(body[12] ?? 0, body.subarray(14));
    } else if (marker === startOfScan) {
      if (!frame) return 'corrupt';
      const progressive = frame.marker === 0xc2;
      return {
        width: frame.width,
        height: frame.height,
        components: frame.components,
        bitsPerSample: frame.bitsPerSample,
        decodable: frame.marker <= 0xc2 && frame.bitsPerSample === 8,
        progressive,
        scans: progressive ? countScans(bytes, at) : 1,
        exif,
        icc: joinIcc(iccParts, iccCount),
      };
    }
    at = end;
  }
}

/** The most profile bytes in one APP2 segment: 65,535 minus the length field and the 14 bytes of ICC prefix. */
const iccPartSize = 65_519;

/** Inserts an ICC profile into a JPEG as APP2 segments, after the SOI and, if present, the JFIF APP0. */
export function withIccProfile(jpeg: Uint8Array, icc: Uint8Array): Uint8Array {
  const parts = Math.ceil(icc.length / iccPartSize);
  const insertAt = jpeg[2] === 0xff && jpeg[3] === 0xe0 ? 4 + uint16(jpeg, 4) : 2;
  const out = new Uint8Array(jpeg.length + icc.length + parts * 18);
  out.set(jpeg.subarray(0, insertAt), 0);
  let at = insertAt;
  for (let part = 0; part < parts; part++) {
    const body = icc.subarray(part * iccPartSize, (part + 1) * iccPartSize);
    const length = body.length + 16;
    out.set([0xff, 0xe2, length >> 8, length & 0xff], at);
    for (let i = 0; i < 12; i++) out[at + 4 + i] = 'ICC_PROFILE\0'.charCodeAt(i);
    out.set([part + 1, parts], at + 16);
    out.set(body, at + 18);
    at += body.length + 18;
  }
  out.set(jpeg.subarray(insertAt), at);
  return out;
}

function joinIcc(parts: Map<number, Uint8Array>, count: number): Uint8Array | null {
  if (count === 0 || parts.size !== count) return null;
  const ordered: Uint8Array[] = [];
  for (let number = 1; number <= count; number++) {
    const part = parts.get(number);
    if (!part) return null;
    ordered.push(part);
  }
  const joined = new Uint8Array(ordered.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of ordered) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function countScans(bytes: Uint8Array, from: number): number {
  let scans = 1;
  for (let i = from; i + 1 < bytes.length; i++) {
    if (bytes[i] !== 0xff) continue;
    const marker = bytes[i + 1];
    if (marker === endOfImage) break;
    if (marker === startOfScan) scans++;
  }
  return scans;
}

/** 0xC0-0xCF without the tables (DHT, JPG, DAC) that share the range. */
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function hasPrefix(bytes: Uint8Array, prefix: string): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix.charCodeAt(i)) return false;
  return true;
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

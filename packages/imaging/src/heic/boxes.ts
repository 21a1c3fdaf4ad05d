import { ImageRejected } from '../image-rejected.ts';

/** A box of the ISO base media file format (ISO/IEC 14496-12, 4.2). */
export interface Box {
  readonly type: string;
  /** The payload after the header. For a full box, this includes version and flags. */
  readonly body: Bytes;
}

/** A bounds-checked big-endian reader. No length or offset in the file is trusted. */
export class Bytes {
  readonly data: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(data: Uint8Array) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get left(): number {
    return this.data.length - this.at;
  }

  /** Reads an unsigned integer of 0, 1, 2, 4 or 8 bytes. Rejects values of 2^53 and above. */
  uint(size: number): number {
    const at = this.advance(size);
    if (size === 0) return 0;
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at);
    if (size === 4) return this.view.getUint32(at);
    if (size !== 8) throw damaged(`a number of ${size} bytes`);
    const value = this.view.getUint32(at) * 2 ** 32 + this.view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) throw damaged('an offset out of range');
    return value;
  }

  int32(): number {
    return this.view.getInt32(this.advance(4));
  }

  fourCharacters(): string {
    return latin1(this.take(4));
  }

  take(length: number): Uint8Array {
    const at = this.advance(length);
    return this.data.subarray(at, at + length);
  }

  private advance(length: number): number {
    const at = this.at;
    if (length > this.data.length - at) throw damaged('a box that ends too early');
    this.at += length;
    return at;
  }
}

/** The maximum number of boxes in a container. Phones write about 20 properties and 100 items. */
const maxBoxes = 4096;

/**
 * Lists the boxes of a container without parsing them.
 * @throws ImageRejected if a box has an invalid size or exceeds the container, or if there are too many
 */
export function readBoxes(data: Uint8Array): Box[] {
  const boxes: Box[] = [];
  let rest = data;
  while (rest.length >= 8) {
    if (boxes.length === maxBoxes) throw damaged(`more than ${maxBoxes} boxes`);
    const bytes = new Bytes(rest);
    let size = bytes.uint(4);
    const type = bytes.fourCharacters();
    // 1: a 64-bit size follows. 0: the box extends to the end of the file.
    if (size === 1) size = bytes.uint(8);
    else if (size === 0) size = rest.length;
    const header = rest.length - bytes.left;
    if (size < header) throw damaged(`a box of ${size} bytes`);
    if (size > rest.length) throw cutOff();
    boxes.push({ type, body: new Bytes(rest.subarray(header, size)) });
    rest = rest.subarray(size);
  }
  return boxes;
}

export function damaged(what: string): ImageRejected {
  return new ImageRejected(
    'decode_failed',
    `The structure of the HEIC file is damaged (${what}): upload the original file again.`,
  );
}

export function cutOff(): ImageRejected {
  return new ImageRejected('truncated', 'The file ends in the middle of the picture: upload it again.');
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

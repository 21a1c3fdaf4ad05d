/** Codes of up to this many bits need only one table look-up. */
const lookupBits = 9;

export interface HuffmanTable {
  /** By the next 9 bits of data: code length << 8 | symbol. 0 for longer codes and those that do not exist. */
  readonly lookup: Uint16Array;
  /** By code length: the highest code of that length, or -1. */
  readonly maxCode: Int32Array;
  /** By code length: the offset from a code to its index in `symbols`. */
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

/** Builds a table from a DHT segment (ITU-T T.81, annex C): 16 counts and their symbols. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const lookup = new Uint16Array(1 << lookupBits);
  const maxCode = new Int32Array(17).fill(-1);
  const offset = new Int32Array(17);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    offset[length] = next - code;
    for (let n = counts[length - 1] ?? 0; n > 0; n--) {
      if (length <= lookupBits) {
        const first = code << (lookupBits - length);
        lookup.fill((length << 8) | (symbols[next] ?? 0), first, first + (1 << (lookupBits - length)));
      }
      code++;
      next++;
    }
    if (next > 0 && (counts[length - 1] ?? 0) > 0) maxCode[length] = code - 1;
    code <<= 1;
  }
  return { lookup, maxCode, offset, symbols };
}

/** Reads the coded data of a scan bit by bit. After the end, at the next marker, it reads zeros. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;
  #padding = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Whether more bits were read than there are. */
  get overrun(): boolean {
    return this.#padding > this.#count;
  }

  /**
   * Finds the next marker. `spare` has the unread whole bytes before it, as stored. If zeros were stuffed into them, the
   * first bytes may be missing.
   */
  findMarker(): { readonly at: number; readonly spare: Uint8Array } {
    const bytes = this.#bytes;
    const unread = Math.max(0, this.#count - this.#padding) >> 3;
    let at = this.#at;
    while (at < bytes.length && !isMarker(bytes, at)) at++;
    return { at, spare: bytes.subarray(this.#at - unread, at) };
  }

  /** Continues after a restart marker. */
  restart(at: number): void {
    this.#at = at;
    this.#bits = 0;
    this.#count = 0;
    this.#padding = 0;
  }

  /** Reads the next symbol, or returns -1 if the code is not in the table. */
  symbol(table: HuffmanTable): number {
    if (this.#count < 16) this.#fill();
    const found = table.lookup[(this.#bits >>> (this.#count - lookupBits)) & ((1 << lookupBits) - 1)] as number;
    if (found !== 0) {
      this.#count -= found >> 8;
      return found & 0xff;
    }
    for (let length = lookupBits + 1; length <= 16; length++) {
      const code = (this.#bits >>> (this.#count - length)) & ((1 << length) - 1);
      if (code > (table.maxCode[length] as number)) continue;
      this.#count -= length;
      return table.symbols[code + (table.offset[length] as number)] ?? -1;
    }
    return -1;
  }

  /**
   * Reads a symbol whose low four bits are the length of a number that follows, and skips the number.
   * @returns -1 if the code is not in the table
   */
  symbolAndSkip(table: HuffmanTable): number {
    if (this.#count < 25) this.#fill();
    const found = table.lookup[(this.#bits >>> (this.#count - lookupBits)) & ((1 << lookupBits) - 1)] as number;
    if (found !== 0) {
      this.#count -= (found >> 8) + (found & 15);
      return found & 0xff;
    }
    const symbol = this.symbol(table);
    if (symbol > 0) this.skip(symbol & 15);
    return symbol;
  }

  skip(length: number): void {
    for (let left = length; left > 0; left -= 16) this.take(Math.min(16, left));
  }

  /** Reads up to 16 bits. */
  take(length: number): number {
    if (length === 0) return 0;
    if (this.#count < length) this.#fill();
    this.#count -= length;
    return (this.#bits >>> this.#count) & ((1 << length) - 1);
  }

  /** Reads a signed number of `length` bits (T.81, F.2.2.1). */
  signed(length: number): number {
    const value = this.take(length);
    return length > 0 && value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
  }

  #fill(): void {
    const bytes = this.#bytes;
    const length = bytes.length;
    let at = this.#at;
    let bits = this.#bits;
    let count = this.#count;
    for (; count <= 24; count += 8) {
      let byte = at < length ? (bytes[at] as number) : 0xff;
      if (byte !== 0xff) at++;
      else if (at + 1 < length && bytes[at + 1] === 0) at += 2;
      else {
        byte = 0;
        this.#padding += 8;
      }
      bits = (bits << 8) | byte;
    }
    this.#at = at;
    this.#bits = bits;
    this.#count = count;
  }
}

/** 0xFF in the coded data is followed by a zero. */
function isMarker(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xff && bytes[at + 1] !== 0;
}

/** Codes of up to this many bits are found by one look into a table. */
const lookBits = 9;

export interface HuffmanTable {
  /** At the next 9 bits of the data: length of the code << 8 | symbol; 0 for longer codes. */
  readonly look: Uint16Array;
  /** At each length: the highest code of that length, -1 where there is none. */
  readonly maxCode: Int32Array;
  /** At each length: what to add to a code for its place in `symbols`. */
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

/** From the body of a DHT segment (ITU-T T.81, annex C): 16 counts and the symbols behind them. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const look = new Uint16Array(1 << lookBits);
  const maxCode = new Int32Array(17).fill(-1);
  const offset = new Int32Array(17);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    offset[length] = next - code;
    for (let n = counts[length - 1] ?? 0; n > 0; n--) {
      if (length <= lookBits) {
        const first = code << (lookBits - length);
        look.fill((length << 8) | (symbols[next] ?? 0), first, first + (1 << (lookBits - length)));
      }
      code++;
      next++;
    }
    if (next > 0 && (counts[length - 1] ?? 0) > 0) maxCode[length] = code - 1;
    code <<= 1;
  }
  return { look, maxCode, offset, symbols };
}

/** Reads the coded data of a scan bit by bit; behind their end, at the next marker, come zeros. */
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

  /** More was read than there is. */
  get overrun(): boolean {
    return this.#padding > this.#count;
  }

  /** Looks for the next marker. `spare`: the whole bytes before it that were not read (one less for each 0xFF that was stuffed). */
  findMarker(): { readonly at: number; readonly spare: Uint8Array } {
    const bytes = this.#bytes;
    const unread = Math.max(0, this.#count - this.#padding) >> 3;
    let at = this.#at;
    while (at < bytes.length && !isMarker(bytes, at)) at++;
    return { at, spare: bytes.subarray(this.#at - unread, at) };
  }

  /** Goes on behind a restart marker. */
  restart(at: number): void {
    this.#at = at;
    this.#bits = 0;
    this.#count = 0;
    this.#padding = 0;
  }

  /** The next symbol; -1 for a code that the table does not have. */
  symbol(table: HuffmanTable): number {
    if (this.#count < 16) this.#fill();
    const found = table.look[(this.#bits >>> (this.#count - lookBits)) & ((1 << lookBits) - 1)] as number;
    if (found !== 0) {
      this.#count -= found >> 8;
      return found & 0xff;
    }
    for (let length = lookBits + 1; length <= 16; length++) {
      const code = (this.#bits >>> (this.#count - length)) & ((1 << length) - 1);
      if (code > (table.maxCode[length] as number)) continue;
      this.#count -= length;
      return table.symbols[code + (table.offset[length] as number)] ?? -1;
    }
    return -1;
  }

  /**
   * Reads a symbol whose low half is the length of a number behind it, and skips that number.
   * @returns -1 for a code that the table does not have
   */
  symbolAndSkip(table: HuffmanTable): number {
    if (this.#count < 25) this.#fill();
    const found = table.look[(this.#bits >>> (this.#count - lookBits)) & ((1 << lookBits) - 1)] as number;
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

  /** Up to 16 bits. */
  take(length: number): number {
    if (length === 0) return 0;
    if (this.#count < length) this.#fill();
    this.#count -= length;
    return (this.#bits >>> this.#count) & ((1 << length) - 1);
  }

  /** A signed number of so many bits (T.81, F.2.2.1). */
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

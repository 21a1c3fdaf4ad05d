import type { BitReader } from './bit-reader.ts';
import type { Frame, Scan, ScanComponent } from './scan-layout.ts';

/** The absolute DC value of black and of white before quantization: 8 times 128. */
const dcScale = 1024;

/** Checks the codes of blocks, one minimum coded unit at a time. */
export class BlockChecker {
  readonly #reader: BitReader;
  readonly #frame: Frame;
  readonly #scan: Scan;
  readonly #check: (part: ScanComponent, index: number, block: number) => number;
  readonly #dc: number[];
  /** The number of following blocks without data in this scan (EOBRUN of ITU-T T.81, G.1.2.2). */
  #emptyBlocks = 0;

  constructor(reader: BitReader, frame: Frame, scan: Scan) {
    this.#reader = reader;
    this.#frame = frame;
    this.#scan = scan;
    this.#dc = scan.components.map(() => 0);
    if (!frame.progressive) this.#check = (part, index) => this.#dcOf(part, index) + this.#sequentialAc(part);
    else if (scan.from === 0) {
      this.#check = (part, index) => (scan.high === 0 ? this.#dcOf(part, index) : this.#refinedDc());
    } else {
      this.#check = (part, _, block) => (scan.high === 0 ? this.#firstAc(part, block) : this.#refinedAc(part, block));
    }
  }

  restart(): void {
    this.#dc.fill(0);
    this.#emptyBlocks = 0;
  }

  /** @returns the number of faults from unit `from` up to, but not including, `until`. Stops at the end of the data. */
  checkUnits(from: number, until: number): number {
    const [first] = this.#scan.components;
    if (first === undefined) return 0;
    let faults = 0;
    if (this.#scan.components.length === 1) {
      const { columns, stride } = first.component;
      for (let unit = from; unit < until && !this.#reader.overrun; unit++) {
        faults += this.#check(first, 0, Math.floor(unit / columns) * stride + (unit % columns));
      }
      return faults;
    }
    for (let unit = from; unit < until && !this.#reader.overrun; unit++) {
      const row = Math.floor(unit / this.#frame.unitColumns);
      const column = unit % this.#frame.unitColumns;
      for (let index = 0; index < this.#scan.components.length; index++) {
        const part = this.#scan.components[index] as ScanComponent;
        const { across, down, stride } = part.component;
        for (let y = 0; y < down; y++) {
          const line = (row * down + y) * stride + column * across;
          for (let x = 0; x < across; x++) faults += this.#check(part, index, line + x);
        }
      }
    }
    return faults;
  }

  #dcOf({ dc, dcStep }: ScanComponent, index: number): number {
    const size = dc ? this.#reader.symbol(dc) : -1;
    if (size < 0 || size > 15) return 1;
    const value = (this.#dc[index] as number) + this.#reader.signed(size);
    this.#dc[index] = value;
    // Allows a quarter beyond black and white, because encoders round and some sharpen.
    if (Math.abs(value * dcStep * (1 << this.#scan.low)) <= dcScale * 1.25 + dcStep) return 0;
    this.#dc[index] = 0;
    return 1;
  }

  #refinedDc(): number {
    this.#reader.take(1);
    return 0;
  }

  #sequentialAc({ ac }: ScanComponent): number {
    if (ac === undefined) return 1;
    const reader = this.#reader;
    for (let k = 1; k < 64; k++) {
      const symbol = reader.symbolAndSkip(ac);
      if (symbol === 0) return 0;
      k += symbol >> 4;
      // A symbol without a number is valid only as a run of 16 zeros (0xF0).
      if (symbol < 0 || k > 63 || ((symbol & 15) === 0 && symbol !== 0xf0)) return 1;
    }
    return 0;
  }

  #firstAc({ ac, component: { nonZero } }: ScanComponent, block: number): number {
    if (this.#emptyBlocks > 0) {
      this.#emptyBlocks--;
      return 0;
    }
    if (ac === undefined) return 1;
    const { from, to } = this.#scan;
    const reader = this.#reader;
    for (let k = from; k <= to; k++) {
      const symbol = reader.symbol(ac);
      if (symbol < 0) return 1;
      const run = symbol >> 4;
      const size = symbol & 15;
      if (size === 0 && run < 15) {
        this.#emptyBlocks = (1 << run) - 1 + reader.take(run);
        return 0;
      }
      k += run;
      if (size === 0) continue;
      if (k > to) return 1;
      reader.take(size);
      nonZero[block * 2 + (k >> 5)] = (nonZero[block * 2 + (k >> 5)] as number) | (1 << (k & 31));
    }
    return 0;
  }

  /** T.81, G.1.2.3: each non-zero coefficient gets another bit, and new ones appear between them. */
  #refinedAc({ ac, component: { nonZero } }: ScanComponent, block: number): number {
    if (ac === undefined) return 1;
    const reader = this.#reader;
    const { from, to } = this.#scan;
    const isNonZero = (k: number) => ((nonZero[block * 2 + (k >> 5)] as number) & (1 << (k & 31))) !== 0;
    const known = ((nonZero[block * 2] as number) | (nonZero[block * 2 + 1] as number)) !== 0;
    if (this.#emptyBlocks > 0 && !known) {
      this.#emptyBlocks--;
      return 0;
    }
    let k = from;
    while (this.#emptyBlocks === 0 && k <= to) {
      const symbol = reader.symbol(ac);
      if (symbol < 0) return 1;
      let run = symbol >> 4;
      const size = symbol & 15;
      if (size > 1) return 1;
      if (size === 0 && run < 15) {
        this.#emptyBlocks = (1 << run) + reader.take(run);
        break;
      }
      if (size === 1) reader.take(1);
      for (; k <= to; k++) {
        if (isNonZero(k)) reader.take(1);
        else if (run-- === 0) break;
      }
      if (size === 1) {
        if (k > to) return 1;
        nonZero[block * 2 + (k >> 5)] = (nonZero[block * 2 + (k >> 5)] as number) | (1 << (k & 31));
      }
      k++;
    }
    if (this.#emptyBlocks > 0) {
      if (known) for (; k <= to; k++) if (isNonZero(k)) reader.take(1);
      this.#emptyBlocks--;
    }
    return 0;
  }
}

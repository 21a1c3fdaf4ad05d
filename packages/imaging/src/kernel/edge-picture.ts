import type { GreyPicture } from './grey-picture.ts';

/**
 * Makes the picture in which edges are measured, row by row: first averages squares of `fold` x `fold` pixels, then
 * interpolates between their means. Area averaging would take three times as long and give nearly the same edges. Uses
 * integers only.
 */
export class EdgePicture {
  readonly result: GreyPicture;
  readonly #fold: number;
  readonly #foldedHeight: number;
  readonly #sums: Uint16Array;
  /** The last folded row. */
  #folded: Uint8Array;
  #above: Uint8Array;
  readonly #between: Uint8Array;
  readonly #places: readonly number[];
  #row = 0;
  #foldedRow = 0;
  #toRow = 0;

  /** @param toWidth at most `width / fold`, rounded down; `toHeight` likewise */
  constructor(width: number, height: number, fold: number, toWidth: number, toHeight: number) {
    const foldedWidth = Math.floor(width / fold);
    this.result = { data: new Uint8Array(toWidth * toHeight), width: toWidth, height: toHeight };
    this.#fold = fold;
    this.#foldedHeight = Math.floor(height / fold);
    this.#sums = new Uint16Array(foldedWidth * fold);
    this.#folded = new Uint8Array(foldedWidth);
    this.#above = new Uint8Array(foldedWidth);
    this.#between = new Uint8Array(foldedWidth);
    this.#places = Array.from({ length: toWidth }, (_, x) => placeOf(x, foldedWidth, toWidth));
  }

  /** Adds the next row, starting at index `from` of `grey`. */
  addRow(grey: Uint8Array, from: number): void {
    // Rows and columns that do not fill a square are left out.
    if (this.#row++ >= this.#foldedHeight * this.#fold) return;
    const sums = this.#sums;
    for (let x = 0; x < sums.length; x++) (sums[x] as number) += grey[from + x] as number;
    if (this.#row % this.#fold !== 0) return;
    this.#foldSums();
    this.#takeRow();
  }

  #foldSums(): void {
    const fold = this.#fold;
    const pixels = fold * fold;
    const out = this.#above;
    for (let x = 0; x < out.length; x++) {
      let total = 0;
      for (let i = 0; i < fold; i++) total += this.#sums[x * fold + i] as number;
      out[x] = Math.floor((2 * total + pixels) / (2 * pixels));
    }
    this.#sums.fill(0);
    this.#above = this.#folded;
    this.#folded = out;
  }

  /** Makes the result rows whose folded rows are complete. */
  #takeRow(): void {
    const y = this.#foldedRow++;
    const { data, width, height } = this.result;
    while (this.#toRow < height) {
      const place = placeOf(this.#toRow, this.#foldedHeight, height);
      const first = place >> 8;
      if (Math.min(first + 1, this.#foldedHeight - 1) > y) return;
      this.#mixRows(first === y ? this.#folded : this.#above, place & 255);
      this.#sampleRow(data, this.#toRow * width);
      this.#toRow++;
    }
  }

  #mixRows(first: Uint8Array, weight: number): void {
    const between = this.#between;
    const second = this.#folded;
    for (let x = 0; x < between.length; x++) {
      between[x] = ((first[x] as number) * (256 - weight) + (second[x] as number) * weight + 128) >> 8;
    }
  }

  #sampleRow(out: Uint8Array, at: number): void {
    const between = this.#between;
    const last = between.length - 1;
    for (const [x, place] of this.#places.entries()) {
      const weight = place & 255;
      const left = between[place >> 8] as number;
      const right = between[Math.min((place >> 8) + 1, last)] as number;
      out[at + x] = (left * (256 - weight) + right * weight + 128) >> 8;
    }
  }
}

/** The position of a result pixel's centre in the source, in 256ths of a pixel. */
function placeOf(at: number, from: number, to: number): number {
  return Math.max(0, Math.trunc((((2 * at + 1) * from - to) * 128) / to));
}

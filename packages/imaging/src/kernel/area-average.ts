import type { GreyPicture } from './grey-picture.ts';

/**
 * Reduces a grey picture by area averaging, row by row. Each reduced pixel is the mean of the area that it covers, including
 * partly covered pixels, rounded half up. Uses integers only: a reduced pixel has an area of `width * height` units, so
 * every share is an integer and the result does not depend on the order of the sums.
 */
export class AreaAverage {
  readonly result: GreyPicture;
  readonly #width: number;
  readonly #height: number;
  readonly #columns: Float64Array;
  #row = 0;
  #reducedRow = 0;

  /** @param toWidth at most `width`; `toHeight` at most `height` */
  constructor(width: number, height: number, toWidth: number, toHeight: number) {
    this.#width = width;
    this.#height = height;
    this.#columns = new Float64Array(width);
    this.result = { data: new Uint8Array(toWidth * toHeight), width: toWidth, height: toHeight };
  }

  /** Adds the next row: `width` values of `grey`, starting at `from`. */
  addRow(grey: Uint8Array, from: number): void {
    const rowHeight = this.result.height;
    const start = this.#row++ * rowHeight;
    const boundary = (this.#reducedRow + 1) * this.#height;
    const share = Math.min(boundary - start, rowHeight);
    this.#addColumns(grey, from, share);
    if (start + rowHeight < boundary) return;
    this.#endReducedRow();
    if (share < rowHeight) this.#addColumns(grey, from, rowHeight - share);
  }

  #addColumns(grey: Uint8Array, from: number, weight: number): void {
    const columns = this.#columns;
    for (let x = 0; x < columns.length; x++) (columns[x] as number) += weight * (grey[from + x] as number);
  }

  #endReducedRow(): void {
    const columns = this.#columns;
    const { data, width: columnWidth } = this.result;
    const width = this.#width;
    const pixels = width * this.#height;
    let at = this.#reducedRow++ * columnWidth;
    let column = 0;
    for (let start = 0; start < columnWidth * width; start += width) {
      const end = start + width;
      let total = 0;
      let position = start;
      while (position < end) {
        const next = Math.min(end, (column + 1) * columnWidth);
        total += (columns[column] as number) * (next - position);
        position = next;
        if (next === (column + 1) * columnWidth) column++;
      }
      data[at++] = (2 * total + pixels) / (2 * pixels);
    }
    columns.fill(0);
  }
}

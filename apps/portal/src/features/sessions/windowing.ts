/** Rows `first` up to, but not with, `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

interface Sight {
  /** Of the first row, in pixels below the upper edge of the window; negative once it is scrolled by. */
  readonly top: number;
  /** Of the window, in pixels. */
  readonly height: number;
  readonly rowHeight: number;
  readonly rows: number;
}

/** Rows drawn above and below those in sight, so that the Tab key and a fast hand find the next ones there. */
export const overscan = 8;

/**
 * Rows come and go so many at once, at both ends in the same frame of the screen: each frame in which any do costs
 * more than the rows themselves. Scrolling through 43 rows a second keeps the page busy for 4.4 s of 6 where either end
 * moves row by row, for 3.3 s in steps of 2 and for 2.1 s in steps of 4.
 */
export const step = 4;

/** The rows to draw. */
export function rowsInSight({ top, height, rowHeight, rows }: Sight): RowRange {
  const within = (row: number) => Math.min(rows, Math.max(0, row));
  const inSight = Math.floor(-top / rowHeight / step) * step;
  const end = inSight + step + Math.ceil(height / rowHeight) + overscan;
  return { first: within(inSight - overscan), end: within(end) };
}

/** A row, or the room of rows that are not drawn. */
export type Piece = { readonly row: number } | { readonly from: number; readonly rows: number };

/** The pieces of a table of `rows` rows: those in range, the one that is kept because it has the focus, and the gaps. */
export function piecesOf({ first, end }: RowRange, rows: number, kept: number | null): Piece[] {
  const drawn = Array.from({ length: Math.max(0, end - first) }, (_, k) => first + k);
  if (kept !== null && kept < first) drawn.unshift(kept);
  if (kept !== null && kept >= Math.max(first, end) && kept < rows) drawn.push(kept);
  const pieces: Piece[] = [];
  let next = 0;
  for (const row of drawn) {
    if (row > next) pieces.push({ from: next, rows: row - next });
    pieces.push({ row });
    next = row + 1;
  }
  if (next < rows) pieces.push({ from: next, rows: rows - next });
  return pieces;
}

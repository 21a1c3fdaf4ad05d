import type { Row } from './rows.ts';

/** Of the rows that this version writes. */
export const rowVersion = 1;

/** From a version to the next one: `upgrades[1]` makes a row of version 2. */
export type Upgrades = Readonly<Record<number, (row: StoredRow) => StoredRow>>;

/** A row as some version of the app wrote it. */
export interface StoredRow {
  readonly v: number;
  readonly [field: string]: unknown;
}

/**
 * The row as this version reads it.
 * @returns null for one of a later version, after an app was put back: it stays on disk as it is until the app is updated
 */
export function upgradeRow(stored: StoredRow, upgrades: Upgrades = {}, current = rowVersion): Row | null {
  if (stored.v > current) return null;
  let row = stored;
  while (row.v < current) {
    const upgrade = upgrades[row.v];
    if (upgrade === undefined) throw new Error(`there is no upgrade of rows of version ${row.v}`);
    row = { ...upgrade(row), v: row.v + 1 };
  }
  return row as unknown as Row;
}

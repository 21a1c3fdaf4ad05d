import { type Row, rowVersion } from './rows.ts';

/** Upgrades by source version: `upgrades[1]` turns a row of version 1 into one of version 2. */
export type Upgrades = Readonly<Record<number, (row: StoredRow) => StoredRow>>;

/** A row that some version of the app wrote. */
export interface StoredRow {
  readonly v: number;
  readonly [field: string]: unknown;
}

const upgradesOfRows: Upgrades = {
  1: (row) => {
    if (row.kind === 'event') return { ...row, org_id: null };
    if (row.kind !== 'session') return row;
    const { told, ...session } = row;
    return { ...session, server_status: told, org_id: null };
  },
};

/**
 * Upgrades a stored row to the current version.
 * @returns null if the row is of a later version, as after a downgrade. It stays on disk until the app is updated.
 */
export function upgradeRow(stored: StoredRow, upgrades: Upgrades = upgradesOfRows, current = rowVersion): Row | null {
  if (stored.v > current) return null;
  let row = stored;
  while (row.v < current) {
    const upgrade = upgrades[row.v];
    if (upgrade === undefined) throw new Error(`no upgrade for rows of version ${row.v}`);
    row = { ...upgrade(row), v: row.v + 1 };
  }
  return row as unknown as Row;
}

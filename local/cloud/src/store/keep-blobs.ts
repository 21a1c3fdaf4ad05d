import type { Queries } from './database.ts';

const lock = `hashtextextended('local_cloud backup', 0)`;

/**
 * Keeps the bytes of replaced and deleted objects until the connection ends, so that a backup finds the bytes of each row
 * that it has copied. The next start of the server after that removes them.
 * @param connection the connection to hold while the bytes are needed
 */
export async function keepBlobs(connection: { query(sql: string): Promise<unknown> }): Promise<void> {
  await connection.query(`select pg_advisory_lock(${lock})`);
}

/** False while a backup keeps the bytes of deleted objects. */
export async function mayRemoveBlobs(database: Queries): Promise<boolean> {
  const [row] = await database.query<{ free: boolean }>(`select pg_try_advisory_xact_lock_shared(${lock}) as free`);
  return row?.free === true;
}

import pg from 'pg';

/**
 * Makes the role of API and worker where it is missing: it may log in, and row-level security binds it. The migrations
 * grant it what it needs. An existing role keeps its password, which may have been rotated since.
 * @param ownerUrl of a role that may make roles
 * @returns whether it was missing
 */
export async function ensureAppRole(ownerUrl: string, password: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query(`select 1 from pg_roles where rolname = 'spinbay_app'`);
    if (rowCount !== 0) return false;
    await client.query(
      `create role spinbay_app login nosuperuser nocreatedb nocreaterole nobypassrls password ${pg.escapeLiteral(password)}`,
    );
    return true;
  } catch (error) {
    // 42710, or 23505 when it was at the very same moment: another migration has made it.
    if (['42710', '23505'].includes(String((error as { code?: unknown }).code))) return false;
    throw error;
  } finally {
    await client.end();
  }
}

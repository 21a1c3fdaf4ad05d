import pg from 'pg';

/**
 * Creates the role of API and worker if it is missing. The role can log in and is subject to row-level security. The
 * migrations grant its privileges. An existing role keeps its password, which may have been rotated.
 * @param ownerUrl connection URL of a role that can create roles
 * @returns whether the role was created
 */
export async function ensureAppRole(ownerUrl: string, password: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  // Ignored, because the next statement fails with the same error.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query(`select 1 from pg_roles where rolname = 'spinbay_app'`);
    if (rowCount !== 0) return false;
    await client.query(
      `create role spinbay_app login nosuperuser nocreatedb nocreaterole nobypassrls password ${pg.escapeLiteral(password)}`,
    );
    return true;
  } catch (error) {
    // 42710: duplicate object. 23505: unique violation, if two calls run at once. Another call has created the role.
    if (['42710', '23505'].includes(String((error as { code?: unknown }).code))) return false;
    throw error;
  } finally {
    await client.end();
  }
}

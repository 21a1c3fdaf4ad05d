import pg from 'pg';
import { missingMigrations } from './migrate.ts';

/** PostgreSQL's error codes for a table that does not exist, and for one that the role may not read. */
const undefinedTable = '42P01';
const insufficientPrivilege = '42501';

/**
 * Checks a database as the role of API and worker: reachable, migrated, row-level security forced on every table, and the
 * role subject to it.
 * @returns a summary of what was checked
 * @throws Error that says what is wrong and what to do
 */
export async function inspectDatabase(url: string, migrationsDir: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, statement_timeout: 5_000 });
  // Ignored, because the next statement fails with the same error.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(
      error instanceof pg.DatabaseError
        ? `it refuses the connection (${message}). Check DATABASE_URL.`
        : `it does not answer (${message}). Check that it runs, and check DATABASE_URL.`,
      { cause: error },
    );
  }
  try {
    const missing = await missingMigrations(client, migrationsDir).catch((error: Error) => {
      throw new Error(whyNotCompared(error), { cause: error });
    });
    if (missing.length > 0) throw new Error(`it lacks the migrations ${missing.join(', ')}.`);
    await assertRoleObeysPolicies(client);
    const tables = await unprotectedTables(client);
    if (tables.length > 0) throw new Error(`row-level security is not forced on ${tables.join(', ')}.`);
    return 'reachable, migrated, row-level security forced, role not privileged';
  } finally {
    await client.end();
  }
}

/** The reason why the migrations of the database and of this version could not be compared. */
function whyNotCompared(error: Error): string {
  if (!(error instanceof pg.DatabaseError)) return `its migrations could not be compared (${error.message}).`;
  if (error.code === undefinedTable) return `it was never migrated (${error.message}).`;
  if (error.code === insufficientPrivilege)
    return `the role of DATABASE_URL may not read its migrations (${error.message}). Make API and worker log in as spinbay_app.`;
  return `its migrations could not be read (${error.message}).`;
}

async function assertRoleObeysPolicies(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ role: string; bypasses: boolean; owns: boolean }>(
    `select rolname as role, rolsuper or rolbypassrls as bypasses,
       exists (select 1 from pg_class where relowner = r.oid and relkind in ('r', 'p')) as owns
     from pg_roles r where rolname = current_user`,
  );
  const role = rows[0];
  if (role === undefined || role.bypasses || role.owns) {
    throw new Error(
      `the role ${role?.role ?? ''} bypasses row-level security (superuser, BYPASSRLS or owner of tables). Make API and worker log in as spinbay_app.`,
    );
  }
}

/** Tables without forced row-level security. The table of migrations has no tenant. */
async function unprotectedTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)
       and relname <> 'schema_migrations'
     order by 1`,
  );
  return rows.map((row) => row.name);
}

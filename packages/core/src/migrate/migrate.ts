import { readdir } from 'node:fs/promises';
import { UserError } from '@spinbay/contracts/user-error';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

/** The database cannot be used. The message says why and what to do. */
export class MigrationError extends UserError {
  override readonly name = 'MigrationError';
}

const table = 'schema_migrations';
/** PostgreSQL's error code for a deadlock. */
const deadlockDetected = '40P01';
const maxAttempts = 10;

/**
 * Migrates a database to the schema of this version, as its owner. Concurrent calls wait for each other.
 * @param dir folder of the `.sql` files
 * @returns the names of the migrations that this call ran
 * @throws MigrationError if the database belongs to a newer version
 */
export async function migrate(options: {
  ownerUrl: string;
  dir: string;
  log: (line: string) => void;
}): Promise<string[]> {
  await refuseNewer(options.ownerUrl, options.dir);
  const run = await retryDeadlocks(() => runMigrations(options));
  return run.map((migration) => migration.name);
}

/**
 * A migration and a concurrent request may lock tables in different orders. All migrations are one transaction, so a deadlock
 * leaves nothing half done.
 */
async function retryDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isDeadlock = error instanceof Error && (error as { code?: unknown }).code === deadlockDetected;
      if (!isDeadlock || attempt === maxAttempts) throw error;
    }
  }
}

async function runMigrations(options: Parameters<typeof migrate>[0]) {
  // The runner would open its own connection and not wait until it is closed. An error on it would then end this process.
  const dbClient = new pg.Client({ connectionString: options.ownerUrl });
  // Ignored, because the next statement fails with the same error.
  dbClient.on('error', () => undefined);
  await dbClient.connect();
  try {
    return await runner({
      dbClient,
      dir: options.dir,
      migrationsTable: table,
      direction: 'up',
      count: Number.POSITIVE_INFINITY,
      checkOrder: true,
      singleTransaction: true,
      // By default the second of two processes fails immediately. It must wait instead, and then has nothing to do.
      advisoryLockMode: 'wait',
      log: () => undefined,
      logger: { debug: () => undefined, info: () => undefined, warn: options.log, error: options.log },
    });
  } finally {
    await dbClient.end();
  }
}

/** Names of the migrations that the database lacks. Needs only read access to the table of migrations. */
export async function missingMigrations(client: Pick<pg.Client, 'query'>, dir: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`select name from ${table}`);
  const done = new Set(rows.map((row) => row.name));
  return (await knownMigrations(dir)).filter((name) => !done.has(name));
}

async function knownMigrations(dir: string): Promise<string[]> {
  const files = await readdir(dir);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}

async function refuseNewer(url: string, dir: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // Ignored, because the next statement fails with the same error.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const exists = await client.query<{ found: string | null }>(`select to_regclass($1) as found`, [`public.${table}`]);
    if (exists.rows[0]?.found == null) return;
    const known = new Set(await knownMigrations(dir));
    const { rows } = await client.query<{ name: string }>(`select name from ${table} order by id`);
    const unknown = rows.map((row) => row.name).filter((name) => !known.has(name));
    if (unknown.length > 0) {
      throw new MigrationError(
        `This database was written by a newer Spinbay (it has ${unknown.join(', ')}). Update this checkout, or point it to another data folder or database.`,
      );
    }
  } finally {
    await client.end();
  }
}

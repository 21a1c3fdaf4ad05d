import pg from 'pg';
import type { Log } from '../log.ts';
import { migrations } from './schema.ts';

/** The database is unavailable. The client should retry. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  /** Whether the connection broke during COMMIT, so that the outcome of the transaction is unknown. */
  readonly uncertain: boolean;

  constructor(cause: unknown, uncertain = false) {
    super(`the database is not available: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.uncertain = uncertain;
  }
}

export class DatabaseFull extends Error {
  override readonly name = 'DatabaseFull';
}

/** Runs SQL on the pool, where each statement is a transaction of its own, or in an open transaction. */
export interface Queries {
  /** @throws DatabaseUnavailable, or DatabaseFull if the disk of the database is full */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Queries {
  /**
   * Runs `work` in one transaction. The changes are committed when the promise is fulfilled.
   * @throws DatabaseUnavailable, with `uncertain` if the changes may be committed nevertheless
   */
  transact<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens connections on demand, so it recovers by itself when the database is back. */
export async function openDatabase(url: string, log: Log): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    query_timeout: 35_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    // An idle connection that a firewall dropped silently closes after this time and ten probes, one per second.
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'spinbay local-cloud',
  });
  pool.on('error', (error) => log.warn({ err: error }, 'a connection to the database broke'));

  const database: Database = {
    async query<Row>(sql: string, values: readonly unknown[] = []) {
      return (await convertingErrors(() => pool.query(sql, [...values]))).rows as Row[];
    },
    async transact(work) {
      const client = await convertingErrors(() => pool.connect());
      // A connection that breaks between two statements emits this event, and the next statement rejects.
      const ignore = () => undefined;
      client.on('error', ignore);
      let broken: Error | undefined;
      try {
        await convertingErrors(() => client.query('begin'));
        const result = await work({
          query: async <Row>(sql: string, values: readonly unknown[] = []) =>
            (await convertingErrors(() => client.query(sql, [...values]))).rows as Row[],
        });
        await convertingErrors(() => client.query('commit'), true);
        return result;
      } catch (error) {
        if (error instanceof DatabaseUnavailable) broken = error;
        else await client.query('rollback').catch((reason: Error) => (broken = reason));
        throw error;
      } finally {
        client.off('error', ignore);
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
  await migrate(database);
  return database;
}

async function migrate(database: Database): Promise<void> {
  await database.transact(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('local_cloud schema', 0))`);
    await tx.query('create schema if not exists local_cloud');
    await tx.query('create table if not exists local_cloud.migrations (version int primary key)');
    const rows = await tx.query<{ version: number | null }>(
      'select max(version) as version from local_cloud.migrations',
    );
    const done = rows[0]?.version ?? 0;
    if (done > migrations.length) {
      throw new Error(
        `The database of the S3 and SQS server has version ${done}, but this program supports up to ${migrations.length}: it comes from a newer Spinbay. Start the newer version, or choose another data folder.`,
      );
    }
    for (const [index, sql] of migrations.entries()) {
      if (index < done) continue;
      await tx.query(sql);
      await tx.query('insert into local_cloud.migrations (version) values ($1)', [index + 1]);
    }
  });
}

/**
 * SQLSTATEs that a retry may avoid: the server is stopping, starting or out of connections, it cancelled the statement or
 * ended an idle transaction, transactions conflicted, or an I/O error occurred.
 */
const outages = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '57014', '25P03', '40001', '40P01', '58030']);

async function convertingErrors<T>(run: () => Promise<T>, commits = false): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const code = sqlState(error);
    if (code === '53100') throw new DatabaseFull('the disk of the database is full', { cause: error });
    // An error without an SQLSTATE comes from the connection, not from the server.
    if (code === undefined || outages.has(code) || code.startsWith('08')) throw new DatabaseUnavailable(error, commits);
    throw error;
  }
}

/** The SQLSTATE of a PostgreSQL error, or undefined for any other error. */
function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // EPIPE also has five characters, but an SQLSTATE always contains a digit.
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

import { migrate } from '@spinbay/core';
import { startTestPostgres } from '@spinbay/local-postgres/testing';
import pg from 'pg';

/** One migrated database on the benchmark's server. */
export interface BenchDatabase {
  /** Superuser: generates rows and reads statistics. */
  readonly admin: pg.Pool;
  readonly adminUrl: string;
  /** The role of the API, subject to row-level security. */
  readonly appUrl: string;
  drop(): Promise<void>;
}

export interface BenchServer {
  database(name: string): Promise<BenchDatabase>;
  stop(): Promise<void>;
}

/**
 * A temporary PostgreSQL without fsync, so that the disk does not influence a ratio.
 * @param settings settings of postgresql.conf that need a restart
 */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
  const postgres = await startTestPostgres();
  try {
    const run = async (statements: readonly string[]) => {
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      for (const statement of statements) await client.query(statement);
      await client.end();
    };
    if (Object.keys(settings).length > 0) {
      await run(Object.entries(settings).map(([name, value]) => `alter system set ${name} = ${value}`));
      // The server does not keep this process alive.
      const awake = setInterval(() => undefined, 1_000);
      await postgres.kill();
      await postgres.restart();
      clearInterval(awake);
    }
    await run([`create role spinbay_owner login password 'owner'`, `create role spinbay_app login password 'app'`]);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return { database: (name) => makeDatabase(postgres.url, name), stop: () => postgres.stop() };
}

async function makeDatabase(serverUrl: string, name: string): Promise<BenchDatabase> {
  const inServer = async (statement: string) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await inServer(`create database ${name} owner spinbay_owner`);
  const urlOf = (user?: string, password?: string) => {
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    if (user !== undefined && password !== undefined) Object.assign(url, { username: user, password });
    return url.toString();
  };
  await migrate({ ownerUrl: urlOf('spinbay_owner', 'owner'), dir: 'dist/migrations', log: () => undefined });
  const admin = new pg.Pool({ connectionString: urlOf(), max: 3 });
  return {
    admin,
    adminUrl: urlOf(),
    appUrl: urlOf('spinbay_app', 'app'),
    drop: async () => {
      await admin.end();
      await inServer(`drop database ${name} with (force)`);
    },
  };
}

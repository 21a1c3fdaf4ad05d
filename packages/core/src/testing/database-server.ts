import { fileURLToPath } from 'node:url';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import pg from 'pg';
import { migrate } from '../migrate/migrate.ts';

export const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url));

/** A migrated database, by role, and an empty one. */
export interface DatabaseUrls {
  readonly name: string;
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
  readonly empty: { readonly superuser: string; readonly owner: string };
}

/** A temporary PostgreSQL that creates databases on request. */
export interface DatabaseServer {
  readonly postgres: TestPostgres;
  newDatabase(): Promise<DatabaseUrls>;
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

const template = 'spinbay_template';

/** Migrates a template once. Every database is a copy of it, which takes about 50 ms. */
export async function startDatabaseServer(options: { durable?: boolean } = {}): Promise<DatabaseServer> {
  const postgres = await startTestPostgres(options);
  // A single connection: a template cannot be copied while it has connections, nor twice at the same time.
  const admin = new pg.Pool({ connectionString: postgres.url, max: 1 });
  // Ignored, because tests kill the server.
  admin.on('error', () => undefined);
  const urlOf = (database: string, user?: string, password?: string) => {
    const url = new URL(postgres.url);
    if (user !== undefined && password !== undefined) Object.assign(url, { username: user, password });
    url.pathname = `/${database}`;
    return url.toString();
  };
  await admin.query(`create role spinbay_owner login password 'owner'`);
  await admin.query(`create role spinbay_app login password 'app'`);
  await admin.query(`create database ${template} owner spinbay_owner`);
  const ownerUrl = urlOf(template, 'spinbay_owner', 'owner');
  await migrate({ ownerUrl, dir: migrationsDir, log: () => undefined });
  let made = 0;
  return {
    postgres,
    newDatabase: async () => {
      made += 1;
      const name = `spinbay_${made}`;
      await admin.query(`create database ${name} template ${template} owner spinbay_owner`);
      await admin.query(`create database ${name}_empty owner spinbay_owner`);
      return {
        name,
        superuser: urlOf(name),
        owner: urlOf(name, 'spinbay_owner', 'owner'),
        app: urlOf(name, 'spinbay_app', 'app'),
        empty: { superuser: urlOf(`${name}_empty`), owner: urlOf(`${name}_empty`, 'spinbay_owner', 'owner') },
      };
    },
    dropDatabase: async (name) => {
      for (const database of [name, `${name}_empty`]) {
        await admin.query(`drop database if exists ${pg.escapeIdentifier(database)} with (force)`);
      }
    },
    stop: async () => {
      await admin.end();
      await postgres.stop();
    },
  };
}

import pg from 'pg';
import type { Secrets } from './data-folder.ts';
import { StackError } from './stack-error.ts';

export interface DatabaseUrls {
  /** Owns the tables. Only migrations and seeding use it. */
  readonly owner: string;
  /** The role of the API and the worker. */
  readonly app: string;
  /** The database of the local S3 and SQS server. */
  readonly cloud: string;
}

/**
 * Creates missing roles and databases, and sets the passwords and rights of existing ones.
 * @param adminUrl connection URL of a role that may do this; no other process gets it
 */
export async function prepareDatabases(adminUrl: string, secrets: Secrets): Promise<DatabaseUrls> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  // The next statement fails with the same error.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new StackError(`The database does not answer (${(error as Error).message}). Check DATABASE_URL.`, {
      cause: error,
    });
  }
  try {
    await ensureRole(client, 'spinbay_owner', secrets.ownerPassword);
    await ensureRole(client, 'spinbay_app', secrets.appPassword);
    await ensureRole(client, 'spinbay_cloud', secrets.cloudPassword);
    await ensureDatabase(client, 'spinbay', 'spinbay_owner', 'spinbay_app');
    await ensureDatabase(client, 'spinbay_cloud', 'spinbay_cloud', null);
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
    throw new StackError(
      'The role of DATABASE_URL cannot create roles and databases. "npm start" needs this: give the role CREATEROLE and CREATEDB.',
      { cause: error },
    );
  } finally {
    await client.end();
  }
  return {
    owner: ownerUrl(adminUrl, secrets),
    app: urlFor(adminUrl, 'spinbay', 'spinbay_app', secrets.appPassword),
    cloud: urlFor(adminUrl, 'spinbay_cloud', 'spinbay_cloud', secrets.cloudPassword),
  };
}

async function ensureRole(client: pg.Client, name: string, password: string): Promise<void> {
  const found = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  const verb = found.rowCount === 0 ? 'create' : 'alter';
  await client.query(
    `${verb} role ${name} login nosuperuser nocreatedb nocreaterole password ${pg.escapeLiteral(password)}`,
  );
  // Unless it is a superuser, a role must be a member of the role that it makes the owner of a database.
  if (verb === 'create') await client.query(`grant ${name} to current_user`);
}

async function ensureDatabase(client: pg.Client, name: string, owner: string, guest: string | null): Promise<void> {
  const found = await client.query('select 1 from pg_database where datname = $1', [name]);
  if (found.rowCount === 0)
    await client.query(`create database ${name} owner ${owner} template template0 encoding 'UTF8'`);
  await client.query(`revoke all on database ${name} from public`);
  if (guest !== null) await client.query(`grant connect on database ${name} to ${guest}`);
}

/**
 * The database of an installation, as the role that owns its tables.
 * @param url connection URL of the same server, with any role
 */
export function ownerUrl(url: string, secrets: Secrets): string {
  return urlFor(url, 'spinbay', 'spinbay_owner', secrets.ownerPassword);
}

function urlFor(adminUrl: string, database: string, role: string, password: string): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = password;
  url.pathname = `/${database}`;
  return url.toString();
}

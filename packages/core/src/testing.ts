import type { OrgId, SiteId, UserRole } from '@spinbay/contracts';
import pg from 'pg';
import { createOrganization } from './organizations/create-organization.ts';
import { createStore, type Store } from './store/store.ts';
import { type DatabaseUrls, startDatabaseServer } from './testing/database-server.ts';

export { type DatabaseServer, migrationsDir, startDatabaseServer } from './testing/database-server.ts';

export interface TestDatabase {
  readonly postgres: {
    /** Superuser, in an empty database of this test. */
    readonly url: string;
    /** Kills the server (`kill -9`), or restarts it on the same port. Only for a `durable` one. */
    kill(): Promise<void>;
    restart(): Promise<void>;
  };
  /** Superuser: sees everything. Only for set-up and for inspecting rows directly. */
  readonly admin: pg.Pool;
  readonly ownerUrl: string;
  /** An empty database with a unique name, for tests of migrations. */
  readonly empty: { readonly superuser: string; readonly owner: string };
  /** The role of API and worker, which tests use. */
  readonly appUrl: string;
  readonly store: Store;
  /** A separate organization for a test, with one user of each role, who may see only the first site. */
  makeOrg(options?: {
    enrolment?: 'open' | 'code';
    sites?: string[];
  }): Promise<{ orgId: OrgId; siteIds: [SiteId, ...SiteId[]]; emailOf: (role: UserRole) => string }>;
  stop(): Promise<void>;
}

/** The active locks between tenants in this test run, see the projects of vitest.config.ts. */
export const locks = locksOf(process.env.SPINBAY_TEST_LOCKS);

function locksOf(value: string | undefined): 'both' | 'row-level security' | 'conditions' {
  if (value === undefined) return 'both';
  if (value === 'row-level security' || value === 'conditions') return value;
  throw new Error(`SPINBAY_TEST_LOCKS is "${value}": it is "row-level security", "conditions", or not set.`);
}

/**
 * A separate migrated database on the PostgreSQL of this test run. With `durable`, or outside of a run, it has its own server.
 * `rowLevelSecurity` defaults to the setting of the test run.
 */
export async function startTestDatabase(
  options: { durable?: boolean; rowLevelSecurity?: boolean } = {},
): Promise<TestDatabase> {
  const { urls, postgres, release } = await newDatabase(options.durable ?? false);
  const { owner: ownerUrl, app: appUrl } = urls;
  // Tests start more transactions at once than there are connections. On a slow machine the last ones wait for longer than 2 s.
  const store = createStore({ databaseUrl: appUrl, applicationName: 'test', slots: { waitMs: 60_000 } });
  const admin = new pg.Pool({ connectionString: urls.superuser, max: 2 });
  // Ignored, because tests kill the server.
  admin.on('error', () => undefined);
  if (!(options.rowLevelSecurity ?? locks !== 'conditions')) await dropRowLevelSecurity(admin);
  let made = 0;
  return {
    postgres,
    admin,
    ownerUrl,
    empty: urls.empty,
    appUrl,
    store,
    makeOrg: async ({ enrolment = 'open', sites = ['North', 'South'] } = {}) => {
      made += 1;
      const number = made;
      const emailOf = (role: UserRole) => `${role}@org${number}.test`;
      const owner = createStore({ databaseUrl: ownerUrl, poolSize: 1, applicationName: 'test-owner' });
      const roles: UserRole[] = ['operator', 'reviewer', 'admin'];
      const users = roles.map((role) => ({ email: emailOf(role), name: role, role, sites: sites.slice(0, 1) }));
      const { orgId, siteIds } = await createOrganization(owner, { name: `Org ${number}`, enrolment, sites, users });
      await owner.close();
      return { orgId, siteIds: siteIds as [SiteId, ...SiteId[]], emailOf };
    },
    stop: async () => {
      await store.close();
      await admin.end();
      await release();
    },
  };
}

/** Disables only the policies between organizations. The policies that hide scheduled erasures stay. */
async function dropRowLevelSecurity(admin: pg.Pool): Promise<void> {
  await admin.query(`do $$ declare name regclass; begin
    for name in select polrelid from pg_policy where polname = 'of_org' loop
      execute format('alter policy of_org on %s using (true) with check (true)', name);
    end loop; end $$`);
}

interface NewDatabase {
  readonly urls: DatabaseUrls;
  readonly postgres: TestDatabase['postgres'];
  release(): Promise<void>;
}

async function newDatabase(durable: boolean): Promise<NewDatabase> {
  const servers = process.env.SPINBAY_TEST_SERVERS;
  if (durable || servers === undefined) {
    const server = await startDatabaseServer({ durable });
    const urls = await server.newDatabase();
    const { kill, restart } = server.postgres;
    return { urls, postgres: { url: urls.empty.superuser, kill, restart }, release: server.stop };
  }
  const call = async (method: string, path: string) => {
    const reply = await fetch(servers + path, { method });
    if (!reply.ok) throw new Error(await reply.text());
    return reply;
  };
  const urls = (await (await call('POST', '/databases')).json()) as DatabaseUrls;
  const refuse = async () => {
    throw new Error('Other tests use this PostgreSQL too. Start the database with { durable: true } to kill it.');
  };
  return {
    urls,
    postgres: { url: urls.empty.superuser, kill: refuse, restart: refuse },
    release: async () => {
      await call('DELETE', `/databases/${urls.name}`);
    },
  };
}

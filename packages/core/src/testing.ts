import { fileURLToPath } from 'node:url';
import type { OrgId, SiteId, UserRole } from '@spinbay/contracts';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import pg from 'pg';
import { migrate } from './migrate/migrate.ts';
import { createOrganization } from './organizations/create-organization.ts';
import { createStore, type Store } from './store/store.ts';

export const migrationsDir = fileURLToPath(new URL('../migrations', import.meta.url));

export interface TestDatabase {
  readonly postgres: TestPostgres;
  /** Superuser: sees everything, and for that reason is for set-up and for looking behind the curtain only. */
  readonly admin: pg.Pool;
  readonly ownerUrl: string;
  /** The role of API and worker: what is tested is tested as it. */
  readonly appUrl: string;
  readonly store: Store;
  /** An organization of its own for a test, with one user of each role who may see the first site only. */
  makeOrg(options?: {
    enrolment?: 'open' | 'code';
    sites?: string[];
  }): Promise<{ orgId: OrgId; siteIds: [SiteId, ...SiteId[]]; emailOf: (role: UserRole) => string }>;
  stop(): Promise<void>;
}

/** The locks between tenants that this run of the tests has: see the projects of vitest.config.ts. */
export const locks = locksOf(process.env.SPINBAY_TEST_LOCKS);

function locksOf(value: string | undefined): 'both' | 'row-level security' | 'conditions' {
  if (value === undefined) return 'both';
  if (value === 'row-level security' || value === 'conditions') return value;
  throw new Error(`SPINBAY_TEST_LOCKS is "${value}": it is "row-level security", "conditions", or not set.`);
}

/** A migrated database on a PostgreSQL of its own. `rowLevelSecurity` is as the run of the tests has it by default. */
export async function startTestDatabase(
  options: { durable?: boolean; rowLevelSecurity?: boolean } = {},
): Promise<TestDatabase> {
  const postgres = await startTestPostgres(options);
  const admin = new pg.Pool({ connectionString: postgres.url, max: 2 });
  // Tests kill the server.
  admin.on('error', () => undefined);
  await admin.query(`create role spinbay_owner login password 'owner'`);
  await admin.query(`create role spinbay_app login password 'app'`);
  await admin.query('create database spinbay owner spinbay_owner');
  const ownerUrl = urlFor(postgres.url, 'spinbay_owner', 'owner');
  const appUrl = urlFor(postgres.url, 'spinbay_app', 'app');
  await migrate({ ownerUrl, dir: migrationsDir, log: () => undefined });
  const store = createStore({ databaseUrl: appUrl, applicationName: 'test' });
  const inside = new pg.Pool({ connectionString: urlFor(postgres.url, '', ''), max: 2 });
  inside.on('error', () => undefined);
  if (!(options.rowLevelSecurity ?? locks !== 'conditions')) await dropRowLevelSecurity(inside);
  let made = 0;
  return {
    postgres,
    admin: inside,
    ownerUrl,
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
      await inside.end();
      await admin.end();
      await postgres.stop();
    },
  };
}

async function dropRowLevelSecurity(admin: pg.Pool): Promise<void> {
  await admin.query(`do $$ declare name regclass; begin
    for name in select oid from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity loop
      execute format('alter table %s disable row level security, no force row level security', name);
    end loop; end $$`);
}

/** The same server, another database and, unless empty, another role. */
function urlFor(base: string, user: string, password: string): string {
  const url = new URL(base);
  if (user !== '') {
    url.username = user;
    url.password = password;
  }
  url.pathname = '/spinbay';
  return url.toString();
}

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fail, OrgId, type SiteId, type UserId } from '@spinbay/contracts';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { listSites } from '../sites/list-sites.ts';
import { migrationsDir, startTestDatabase, type TestDatabase } from '../testing.ts';
import { StoreBusy, StoreUnavailable } from './faults.ts';
import { build, type Conditions, type OrgTx, type SiteScope } from './org-tx.ts';
import { storeIsReady } from './readiness.ts';
import { createStore, readUnscoped } from './store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase({ durable: true });
});
afterAll(() => database?.stop());

test('a statement that does not name its organization is refused before it reaches the database', async () => {
  const { orgId } = await database.makeOrg();
  const work = database.store.forOrg(orgId, 'all').read((tx) => tx.run(build.selectFrom('sites').selectAll()));
  await expect(work).rejects.toThrow(/without its org_id/);
});

test('a read in one round trip sees the same as a transaction of the same caller, and leaves none open', async () => {
  const [ours, theirs] = [await database.makeOrg(), await database.makeOrg()];
  const single = createStore({ databaseUrl: database.appUrl, poolSize: 1, applicationName: 'test' });
  const site = (id: SiteId) => (conditions: Conditions) =>
    sql<{ site_id: SiteId }>`select id as site_id from sites where ${conditions.ofOrg('sites')} and id = ${id}`;
  const read = async (orgId: OrgId, sites: SiteScope, id: SiteId) =>
    (await single.forOrg(orgId, sites).readInOneRoundTrip(site(id))).map((row) => row.site_id);
  const [north, south = north] = ours.siteIds;
  expect(await read(ours.orgId, 'all', north)).toEqual([north]);
  expect(await read(ours.orgId, [south], south)).toEqual([south]);
  expect(await read(ours.orgId, [south], north)).toEqual([]);
  expect(await read(ours.orgId, 'all', theirs.siteIds[0])).toEqual([]);
  // A statement without its organization is refused. A failed read leaves a working connection.
  const tenant = single.forOrg(ours.orgId, 'all');
  await expect(
    tenant.readInOneRoundTrip(() => sql<{ site_id: SiteId }>`select id as site_id from sites`),
  ).rejects.toThrow(/without its org_id/);
  const failing = tenant.readInOneRoundTrip(
    (conditions) => sql<{ site_id: SiteId }>`select 1 / 0 as site_id from sites where ${conditions.ofOrg('sites')}`,
  );
  await expect(failing).rejects.toThrow(/division by zero/);
  expect(await read(ours.orgId, 'all', north)).toEqual([north]);
  const open = `select 1 from pg_stat_activity where usename = 'spinbay_app' and state like 'idle in transaction%'`;
  expect((await database.admin.query(open)).rows).toEqual([]);
  await single.close();
});

test('statements of one transaction that are sent together each get their own rows, and one that fails ends it', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const tenant = database.store.forOrg(orgId, 'all');
  const count = (tx: OrgTx, n: number) =>
    tx.runPrepared(sql<{ n: number }>`select ${n}::int as n from sites where ${tx.ofOrg('sites')} limit 1`);
  const rows = await tenant.read((tx) => Promise.all(Array.from({ length: 20 }, (_, n) => count(tx, n))));
  expect(rows).toEqual(Array.from({ length: 20 }, (_, n) => [{ n }]));
  const rename = (tx: OrgTx) => tx.run(sql`update sites set name = 'renamed' where ${tx.ofOrg('sites')}`);
  const failing = tenant.transact((tx) =>
    Promise.all([
      tx.run(sql`update sites set name = id::text where ${tx.ofOrg('sites')}`),
      tx.run(sql`select 1 / 0 from sites where ${tx.ofOrg('sites')}`),
      rename(tx),
    ]),
  );
  await expect(failing).rejects.toThrow(/division by zero/);
  const sites = await tenant.read((tx) => listSites(tx));
  expect(sites.map((site) => site.name)).toEqual(['North', 'South']);
  expect(sites).toHaveLength(siteIds.length);
});

test('a table that changes under prepared statements causes one retry, for all connections together', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const faults: string[] = [];
  const onFault = ({ message }: { message: string }) => faults.push(message);
  const store = createStore({ databaseUrl: database.appUrl, poolSize: 4, applicationName: 'changing', onFault });
  const tenant = store.forOrg(orgId, 'all');
  const sites = () =>
    tenant.read((tx) => tx.runPrepared(build.selectFrom('sites').selectAll().where(tx.ofOrg('sites'))));
  const everywhere = () => Promise.all(Array.from({ length: 4 }, sites));
  await everywhere();
  await database.admin.query('alter table sites add column added_later int');
  try {
    expect(await sites()).toHaveLength(siteIds.length);
    expect(faults).toEqual([expect.stringMatching(/table has changed/)]);
    for (const rows of await everywhere()) expect(rows).toHaveLength(siteIds.length);
    expect(faults).toHaveLength(1);
  } finally {
    await database.admin.query('alter table sites drop column added_later');
    await store.close();
  }
});

test('a statement that takes too long is canceled and reported as an unavailable database', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const admin = await database.admin.query<{ id: UserId }>(
    `select id from users where org_id = $1 and role = 'admin'`,
    [orgId],
  );
  const id = admin.rows[0]?.id as UserId;
  const caller = { type: 'user', id, orgId, role: 'admin', sites: siteIds, tokenGeneration: 0 } as const;
  const slow = database.store
    .forCaller(caller, { statementMs: 50 })
    .read((tx) => tx.run(sql`select pg_sleep(10) from sites where ${tx.ofOrg('sites')}`));
  await expect(slow).rejects.toBeInstanceOf(StoreUnavailable);
});

test('a pooler that loses prepared statements causes a retry, and later statements are not prepared', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const faults: string[] = [];
  const onFault = ({ message }: { message: string }) => faults.push(message);
  const single = createStore({ databaseUrl: database.appUrl, poolSize: 1, applicationName: 'pooled', onFault });
  const tenant = single.forOrg(orgId, 'all');
  const sites = () =>
    tenant.read((tx) => tx.runPrepared(build.selectFrom('sites').select('id').where(tx.ofOrg('sites'))));
  expect(await sites()).toHaveLength(siteIds.length);
  // Like a pooler in transaction mode: the next transaction gets another connection.
  const forget = () => readUnscoped(single, null, (client) => client.query('deallocate all'));
  await forget();
  expect(await sites()).toHaveLength(siteIds.length);
  expect(faults).toEqual([expect.stringMatching(/pooler/)]);
  await forget();
  expect(await sites()).toHaveLength(siteIds.length);
  expect(faults).toHaveLength(1);
  await single.close();
});

test('many sign-ins at the same time do not make the database look unavailable', async () => {
  const store = createStore({
    databaseUrl: database.appUrl,
    applicationName: 'sign-in-test',
    poolSize: 2,
    slots: { perOrg: 1, waitMs: 200 },
  });
  const signIn = { name: 'app.login_email', value: 'nobody@dealer.test' } as const;
  let end = () => {};
  const slow = readUnscoped(store, signIn, () => new Promise<void>((resolve) => (end = resolve)));
  await expect(readUnscoped(store, signIn, async () => undefined)).rejects.toBeInstanceOf(StoreBusy);
  await storeIsReady(store);
  end();
  await slow;
  await store.close();
});

test('a device and a person of one organization with the same id do not share their limit of connections', async () => {
  const { orgId, siteIds: sites } = await database.makeOrg();
  const [person] = (await database.admin.query('select id, role from users where org_id = $1 limit 1', [orgId])).rows;
  await database.admin.query(
    `insert into devices (org_id, id, platform, model, app_version, secret_sha256) values ($1, $2, 'ios', 'x', '1', 'x')`,
    [orgId, person.id],
  );
  const store = createStore({
    databaseUrl: database.appUrl,
    applicationName: 'same-id-test',
    slots: { perCaller: 1, waitMs: 200 },
  });
  const { id, role } = person;
  const device = store.forCaller({ type: 'device', id, orgId });
  const colleague = store.forCaller({ type: 'user', id, orgId, role, sites, tokenGeneration: 0 });
  await device.read(async () => {
    await expect(device.read(async () => undefined)).rejects.toEqual(new StoreBusy('caller'));
    await colleague.read(async () => undefined);
  });
  await store.close();
});

test('the setting of one transaction does not apply to the next one on the same connection', async () => {
  const { orgId } = await database.makeOrg();
  const single = createStore({ databaseUrl: database.appUrl, poolSize: 1, applicationName: 'test' });
  await single.forOrg(orgId, 'all').read((tx) => listSites(tx));
  const stranger = OrgId.parse(randomUUID());
  expect(await single.forOrg(stranger, 'all').read((tx) => listSites(tx))).toEqual([]);
  await single.close();
});

test('a user sees only the sites of the token', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const sites = await database.store.forOrg(orgId, [siteIds[0]]).read((tx) => listSites(tx));
  expect(sites.map((site) => site.id)).toEqual([siteIds[0]]);
});

test('a failure that is returned rolls the transaction back', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const tenant = database.store.forOrg(orgId, 'all');
  const vehicle = { org_id: orgId, id: randomUUID(), stock: 'GONE' };
  const outcome = await tenant.transact(async (tx) => {
    await tx.run(
      sql`insert into vehicles (org_id, id, site_id, stock)
        values (${vehicle.org_id}, ${vehicle.id}, ${siteIds[0]}, ${vehicle.stock})`,
    );
    return fail('vehicle_conflict');
  });
  expect(outcome).toMatchObject({ failure: 'vehicle_conflict' });
  const left = await tenant.read((tx) => tx.run(build.selectFrom('vehicles').select('id').where(tx.ofOrg('vehicles'))));
  expect(left).toEqual([]);
});

test('a database that was killed and restarts causes a retry, not an error', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const tenant = database.store.forOrg(orgId, 'all');
  await tenant.read((tx) => listSites(tx));
  await database.postgres.kill();
  await database.postgres.restart();
  expect(await tenant.read((tx) => listSites(tx))).toHaveLength(siteIds.length);
});

test('a write that reaches a read-only server, as after a failover, is retried on a new connection', async () => {
  const faults: string[] = [];
  const store = createStore({
    databaseUrl: database.appUrl,
    applicationName: 'failover-test',
    poolSize: 1,
    onFault: ({ message }) => faults.push(message),
  });
  const { orgId } = await database.makeOrg();
  const name = pg.escapeIdentifier(new URL(database.appUrl).pathname.slice(1));
  const readOnly = (value: 'on' | 'off') =>
    database.admin.query(
      `begin read write; alter database ${name} set default_transaction_read_only = ${value}; commit`,
    );
  const write = () =>
    store.forOrg(orgId, 'all').transact((tx) =>
      tx.run(sql`insert into session_days (org_id, day, n) values (${orgId}, current_date, 1)
                 on conflict (org_id) do update set n = session_days.n + 1`),
    );
  await readOnly('on');
  try {
    await expect(write()).rejects.toThrow(StoreUnavailable);
    expect(faults).toContain('database: connection, trying again');
  } finally {
    await readOnly('off');
  }
  await write();
  // A write in a transaction for reading is a mistake of the caller, not of the server.
  await expect(
    store
      .forOrg(orgId, 'all')
      .read((tx) => tx.run(sql`update session_days set n = 2 where ${tx.ofOrg('session_days')}`)),
  ).rejects.toMatchObject({ code: '25006' });
  await store.close();
});

test('a database that stays down is reported as unavailable', async () => {
  const nobody = createStore({ databaseUrl: 'postgres://x:y@127.0.0.1:1/spinbay', applicationName: 'test' });
  await expect(nobody.forOrg(OrgId.parse(randomUUID()), 'all').read((tx) => listSites(tx))).rejects.toBeInstanceOf(
    StoreUnavailable,
  );
  await nobody.close();
});

test('migrating again does nothing; a database of a newer version is refused with an explanation', async () => {
  const options = { ownerUrl: database.ownerUrl, dir: migrationsDir, log: () => undefined };
  expect(await migrate(options)).toEqual([]);
  await database.admin.query(`insert into schema_migrations (name, run_on) values ('9999_future', now())`);
  await expect(migrate(options)).rejects.toThrow(/newer Spinbay \(it has 9999_future\)/);
  await database.admin.query(`delete from schema_migrations where name = '9999_future'`);
});

test('the tables and indexes of the specification exist', async () => {
  const tables = await database.admin.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  );
  expect(tables.rows.map((row) => row.name)).toEqual(
    expect.arrayContaining([
      'devices',
      'events',
      'images',
      'organizations',
      'sessions',
      'sites',
      'user_site_access',
      'users',
      'vehicles',
    ]),
  );
  const indexes = await database.admin.query<{ columns: string }>(
    `select indrelid::regclass || ':' || (
       select string_agg(a.attname, ',' order by k.n) from unnest(i.indkey) with ordinality k(attnum, n)
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum) as columns
     from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace`,
  );
  const found = indexes.rows.map((row) => row.columns);
  for (const index of [
    'images:org_id,session_id,created_at',
    'images:org_id,site_id',
    'images:org_id,vehicle_id',
    'images:org_id,hash_sha256',
    'sessions:org_id,site_id,status,started_at,id',
    'sessions:org_id,vehicle_id',
  ]) {
    expect(found).toContain(index);
  }
});

test('the types of the store match the columns of the database', async () => {
  const source = readFileSync(new URL('./schema.ts', import.meta.url), 'utf8');
  const typed = new Map(
    [...source.matchAll(/^(?:export )?interface (\w+)Table \{\n([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => [
      name.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? '' : '_') + letter.toLowerCase()),
      [...body.matchAll(/^ {2}(\w+):/gm)].map(([, column]) => column).sort(),
    ]),
  );
  const { rows } = await database.admin.query<{ name: string; columns: string[] }>(
    `select table_name as name, array_agg(column_name::text) as columns from information_schema.columns
     where table_schema = 'public' and table_name <> 'schema_migrations' group by 1`,
  );
  expect(new Map(rows.map((row) => [row.name, row.columns.sort()]))).toEqual(new Map([...typed].sort()));
});

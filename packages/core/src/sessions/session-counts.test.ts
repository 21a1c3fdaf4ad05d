import { type DeviceId, isFailure, type SessionId, type SessionMode, type SiteId } from '@spinbay/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enrolDevice } from '../identity/devices.ts';
import { migrateToBefore, migrateToLatest } from '../testing/upgrade.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { listSessions } from './list-sessions.ts';
import { createSession, updateSession } from './sessions.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

async function makeOrg() {
  const org = await database.makeOrg();
  const device = await enrolDevice(database.store, org.orgId, { platform: 'test', model: 'Test', appVersion: '1' });
  if (isFailure(device)) throw new Error(device.failure);
  const by = { type: 'device' as const, id: device.deviceId as DeviceId };
  const tenant = database.store.forOrg(org.orgId, 'all');
  const start = async (siteId: SiteId, stock: string, mode: SessionMode = 'studio360') => {
    const shotList = { studio360: { frame_count: 24 } };
    const made = await tenant.transact((tx) => createSession(tx, { siteId, vehicle: { stock }, mode, shotList, by }));
    if (isFailure(made)) throw new Error(made.failure);
    return made.session.id;
  };
  const change = (id: SessionId, status: 'active' | 'completed' | 'abandoned') =>
    tenant.transact((tx) => updateSession(tx, id, { status }, by));
  return { ...org, tenant, start, change };
}

const compared = `
  select coalesce(c.n, 0)::int as stored, coalesce(s.n, 0)::int as true
  from session_counts c full join (select org_id, site_id, status, mode, count(*) as n from sessions group by 1, 2, 3, 4) s
  using (org_id, site_id, status, mode) where coalesce(c.n, 0) <> coalesce(s.n, 0)`;

test('the counts stay exact under concurrent changes, without a deadlock', async () => {
  const { siteIds, tenant, start, change, orgId } = await makeOrg();
  const [north, south = north] = siteIds;
  const ids = await Promise.all(
    Array.from({ length: 12 }, (_, k) => start(k % 2 ? north : south, `S-${k % 4}`, k % 3 ? 'studio360' : 'stills')),
  );
  // Opposite changes at the same time: half of the writers complete sessions, the others reopen them, repeatedly.
  const faults: unknown[] = [];
  for (const status of ['completed', 'active', 'abandoned', 'active'] as const) {
    await Promise.all(ids.slice(0, 6).map((id) => change(id, status)));
    const opposite = status === 'active' ? 'completed' : 'active';
    const outcomes = await Promise.all(ids.map((id, k) => change(id, k < 6 ? opposite : status)));
    faults.push(...outcomes.filter((outcome) => isFailure(outcome) && outcome.failure !== 'session_state_conflict'));
  }
  expect(faults).toEqual([]);
  expect((await database.admin.query(compared)).rows).toEqual([]);
  const { rows } = await database.admin.query('select count(*)::int as n from sessions where org_id = $1', [orgId]);
  expect((await tenant.read((tx) => listSessions(tx, {}, { limit: 1, offset: 0 }))).total).toBe(rows[0].n);
  const deadlocks = await database.admin.query(
    'select deadlocks::int as n from pg_stat_database where datname = current_database()',
  );
  expect(deadlocks.rows).toEqual([{ n: 0 }]);
});

test('a deleted session does not count', async () => {
  const { siteIds, start, orgId } = await makeOrg();
  await start(siteIds[0], 'S1');
  const admin = await database.admin.connect();
  await admin.query(`begin; select set_config('app.org_id', '${orgId}', true)`);
  await admin.query('delete from sessions where org_id = $1', [orgId]);
  await admin.query('commit');
  admin.release();
  expect((await database.admin.query(compared)).rows).toEqual([]);
});

test('API and worker can read the counts of their organization but cannot change them', async () => {
  const { siteIds, start, orgId } = await makeOrg();
  await start(siteIds[0], 'S1');
  const other = await makeOrg();
  await other.start(other.siteIds[0], 'S1');
  const client = new pg.Client({ connectionString: database.appUrl });
  await client.connect();
  try {
    await client.query(`select set_config('app.org_id', $1, false)`, [orgId]);
    const counts = await client.query('select org_id, n::int as n from session_counts where org_id = $1', [orgId]);
    expect(counts.rows).toEqual([{ org_id: orgId, n: 1 }]);
    for (const change of ['update session_counts set n = 0', 'delete from session_counts'])
      await expect(client.query(change)).rejects.toThrow(/permission denied/);
  } finally {
    await client.end();
  }
});

test('a migration counts the existing sessions', async () => {
  const admin = new pg.Client({ connectionString: database.empty.superuser });
  try {
    await migrateToBefore(database, '0003');
    await admin.connect();
    await admin.query(`
      insert into organizations (id, name) select md5(k::text)::uuid, k::text from generate_series(1, 3) k;
      insert into sites (org_id, id, name) select id, id, name from organizations;
      insert into vehicles (org_id, id, stock, vin) select id, id, 'S', '1HGCM82633A004352' from organizations;
      insert into devices (org_id, id, platform, model, app_version, secret_sha256) select id, id, '', '', '', '' from organizations;
      insert into sessions (org_id, id, site_id, vehicle_id, device_id, mode, status, shot_list)
        select id, gen_random_uuid(), id, id, id, 'stills', case when k > 3 then 'completed' else 'active' end, '{}'
        from organizations, generate_series(1, 5) k`);
    await migrateToLatest(database);
    expect((await admin.query(compared)).rows).toEqual([]);
    expect((await admin.query('select sum(n)::int as n from session_counts')).rows).toEqual([{ n: 15 }]);
    expect((await admin.query('select distinct vin_reversed from vehicles')).rows).toEqual([
      { vin_reversed: '253400A33628MCGH1' },
    ]);
    const forced = await admin.query(`select relforcerowsecurity as forced from pg_class where relname = 'sessions'`);
    expect(forced.rows).toEqual([{ forced: true }]);
  } finally {
    await admin.end();
  }
});

import { randomUUID } from 'node:crypto';
import { DeviceId, type OrgId, SessionMode, SessionStatus, type SiteId, VehicleId } from '@spinbay/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imagesVersion, pageOfImages } from '../images/list-images.ts';
import { OrgTx, type SiteScope } from '../store/org-tx.ts';
import { PreparedStatements } from '../store/prepared-statements.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { listSessions, type SessionFilter, type SessionPage } from './list-sessions.ts';
import { getSession } from './sessions.ts';

/** Large enough to influence the planner. */
const sessions = 20_000;

let database: TestDatabase;
let client: pg.Client;
let large: { orgId: OrgId; siteIds: SiteId[] };
let small: { orgId: OrgId; siteIds: SiteId[] };
beforeAll(async () => {
  database = await startTestDatabase();
  large = await database.makeOrg({ sites: ['A', 'B', 'C', 'D', 'E'] });
  small = await database.makeOrg();
  await generate(large.orgId, sessions);
  await generate(small.orgId, 2_000);
  await database.admin.query('vacuum analyze sessions, vehicles, images, session_counts');
  client = new pg.Client({ connectionString: database.appUrl });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.stop();
});

/**
 * Sessions one second apart with two frames each, spread over sites, modes and states. Of 1,000 sessions, 4 are active,
 * 10 are abandoned and 20 are stills. Stock numbers are N-0, N-1, ...; one vehicle in 100 has a stock number R%_...
 * instead.
 */
async function generate(orgId: OrgId, count: number): Promise<void> {
  const generator = await database.admin.connect();
  try {
    await generator.query('begin');
    await generator.query(`select set_config('app.org_id', $1, true)`, [orgId]);
    await generator.query(
      `insert into vehicles (org_id, id, site_id, stock, vin)
       select $1, gen_random_uuid(), (array(select id from sites where org_id = $1 order by name))[1 + (k + k / 100) % site.n], case when k % 100 = 7 then 'R%_' || k else 'N-' || k end,
         case when k % 2 = 0 then '1HGCM82633' || upper(lpad(to_hex(k), 7, '0')) end
       from generate_series(1, $2::int) k, (select count(*) as n from sites where org_id = $1) site`,
      [orgId, count],
    );
    await generator.query(
      `insert into devices (org_id, id, platform, model, app_version, secret_sha256)
       values ($1, gen_random_uuid(), 'test', 'Test', '1', '')`,
      [orgId],
    );
    await generator.query(
      `insert into sessions (org_id, id, site_id, vehicle_id, device_id, mode, status, shot_list, started_at)
       select $1, gen_random_uuid(), v.site_id, v.id,
         (select id from devices where org_id = $1),
         case when k % 50 = 3 then 'stills' else 'studio360' end,
         case when k % 250 = 1 then 'active' when k % 100 = 2 then 'abandoned' else 'completed' end,
         '{"studio360":{"frame_count":2}}', now() - k * interval '1 second'
       from (select *, row_number() over (order by length(stock), stock) as k from vehicles where org_id = $1) v`,
      [orgId],
    );
    await generator.query('set local session_replication_role = replica');
    await generator.query(framesSql('where s.org_id = $1'), [orgId]);
    await generator.query(currentSql('and i.org_id = $1'), [orgId]);
    await generator.query('commit');
  } finally {
    generator.release();
  }
}

/** A frame for each slot, inserted without triggers, which would look up the slot of each frame. */
const framesSql = (where: string) => `
  insert into images (org_id, id, site_id, session_id, vehicle_id, slot_id, angle_deg, status, storage_key)
  select s.org_id, gen_random_uuid(), s.site_id, s.id, s.vehicle_id, slot.id, slot.angle_deg, 'processed', slot.id::text
  from sessions s join slots slot on slot.org_id = s.org_id and slot.session_id = s.id ${where}`;
const currentSql = (where: string) =>
  `update slots set current_image_id = i.id from images i where i.org_id = slots.org_id and i.slot_id = slots.id ${where}`;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

function* nodesOf(plan: PlanNode): Generator<PlanNode> {
  yield plan;
  for (const inner of plan.Plans ?? []) yield* nodesOf(inner);
}

/** Runs `work` as the role of the API. @returns its result and the plans of its statements */
async function explained<T>(
  orgId: OrgId,
  sites: SiteScope,
  work: (tx: OrgTx) => Promise<T>,
  as = client,
  deviceId: DeviceId | null = null,
) {
  const scans: { table: string; kind: string; rows: number }[] = [];
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await as.query(`explain (analyze, format json, timing off) ${text}`, values);
      for (const node of nodesOf(rows[0]['QUERY PLAN'][0].Plan)) {
        const read = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
        const table = node['Relation Name'];
        if (table !== undefined) scans.push({ table, kind: node['Node Type'], rows: read });
      }
      return as.query(text, values);
    },
  };
  await as.query('begin read only');
  try {
    await as.query(`select set_config('app.org_id', $1, true)`, [orgId]);
    return {
      result: await work(
        new OrgTx({ orgId, sites, deviceId }, explaining as unknown as pg.PoolClient, new PreparedStatements()),
      ),
      scans,
    };
  } finally {
    await as.query('rollback');
  }
}

const firstPage: SessionPage = { limit: 50, offset: 0 };
const list = (filter: SessionFilter, page: SessionPage = firstPage, sites: SiteScope = 'all', org = large) =>
  explained(org.orgId, sites, (tx) => listSessions(tx, filter, page));

const largeTables = ['sessions', 'slots', 'images', 'vehicles', 'events'];

describe('a page reads only the rows that it shows, for any number of sessions', () => {
  const cases: [string, () => SessionFilter, SessionPage, () => SiteScope][] = [];
  const scopes: [string, () => SiteScope][] = [
    ['a person who sees every site', () => 'all'],
    ['a person with one site', () => large.siteIds.slice(0, 1)],
    ['a person with four sites', () => large.siteIds.slice(1)],
  ];
  const filters: [string, () => SessionFilter][] = [
    ['everything', () => ({})],
    ...SessionStatus.options.map((status): [string, () => SessionFilter] => [status, () => ({ status })]),
    ...SessionMode.options.map((mode): [string, () => SessionFilter] => [mode, () => ({ mode })]),
    ['abandoned stills', () => ({ status: 'abandoned', mode: 'stills' })],
    ['a site', () => ({ siteId: large.siteIds[0] })],
    ['completed at a site', () => ({ siteId: large.siteIds[0], status: 'completed' })],
    ['a stock number', () => ({ q: 'N-1234' })],
    ['the end of a VIN', () => ({ q: '4D2' })],
    ['a search that finds thousands', () => ({ q: 'N-1' })],
    ['a search that finds nothing', () => ({ q: 'ZZ' })],
  ];
  for (const [who, sites] of scopes)
    for (const [what, filter] of filters) cases.push([`${who}: ${what}`, filter, firstPage, sites]);

  test('even for a device, which reads the active sessions of its sites by their index', async () => {
    const deviceId = DeviceId.parse(randomUUID());
    const [siteId] = large.siteIds as [SiteId, ...SiteId[]];
    await database.admin.query(
      `insert into devices (org_id, id, platform, model, app_version, secret_sha256) values ($1, $2, 'test', 'Test', '1', '')`,
      [large.orgId, deviceId],
    );
    await database.admin.query('insert into device_site_access (org_id, device_id, site_id) values ($1, $2, $3)', [
      large.orgId,
      deviceId,
      siteId,
    ]);
    const active = await database.admin.query(
      `select count(*)::int as n from sessions where org_id = $1 and site_id = $2 and status = 'active'`,
      [large.orgId, siteId],
    );
    const { result, scans } = await explained(
      large.orgId,
      [siteId],
      (tx) => listSessions(tx, {}, firstPage),
      client,
      deviceId,
    );
    expect(result.total).toBe(active.rows[0].n);
    expect(result.items.every(({ status, site_id }) => status === 'active' && site_id === siteId)).toBe(true);
    for (const { table, rows } of scans.filter((scan) => scan.table === 'sessions'))
      expect(rows, table).toBeLessThanOrEqual(active.rows[0].n);
  });

  test.each(cases)('%s', async (_, filter, page, sites) => {
    const { result, scans } = await list(filter(), page, sites());
    expect(result.items.length).toBeLessThanOrEqual(50);
    expect(scans.filter(({ table, kind }) => largeTables.includes(table) && kind === 'Seq Scan')).toEqual([]);
    // A merge of three states at four sites has 12 runs of 51 rows each. A search skips rows that do not match.
    const maxRows = filter().q === undefined ? 1_000 : 5_000;
    for (const scan of scans) expect(scan.rows, JSON.stringify(scan)).toBeLessThanOrEqual(maxRows);
  });

  test('the last pages cost no more than the first one', async () => {
    const at = new Date(Date.now() - (sessions - 100) * 1000).toISOString();
    const after = { active: false, startedAt: at, id: (await list({})).result.items[0]?.id ?? ('' as never) };
    for (const [, sites] of scopes) {
      const { result, scans } = await list({}, { ...firstPage, after }, sites());
      expect(result.items.length).toBeGreaterThan(10);
      for (const { table, kind, rows } of scans) {
        expect(kind === 'Seq Scan' && largeTables.includes(table)).toBe(false);
        expect(rows).toBeLessThanOrEqual(1_000);
      }
    }
  });

  test('and reading one session, its gallery and the sessions of one vehicle needs a few rows', async () => {
    const [session] = (await list({})).result.items;
    if (session === undefined) throw new Error('no session');
    const read = await explained(large.orgId, 'all', async (tx) => {
      expect(await getSession(tx, session.id)).toMatchObject({ processed: 2 });
      expect(await imagesVersion(tx, session.id)).toBeDefined();
      const page = { limit: 200, offset: 0, superseded: false };
      expect(await tx.run(pageOfImages(tx, session.id, page))).toMatchObject([{ angle_deg: 0 }, { angle_deg: 180 }]);
      return listSessions(tx, { vehicleId: session.vehicle_id }, firstPage);
    });
    expect(read.result).toMatchObject({ total: 1, items: [{ id: session.id }] });
    for (const { table, kind, rows } of read.scans) {
      expect(kind === 'Seq Scan' && largeTables.includes(table)).toBe(false);
      expect(rows).toBeLessThanOrEqual(10);
    }
  });
});

test('one organization among many reads only the frames of its page, not those of all its sessions', async () => {
  const orgs = 100;
  const crowd = await startTestDatabase();
  const api = new pg.Client({ connectionString: crowd.appUrl });
  try {
    const { orgId } = await crowd.makeOrg();
    await crowd.admin.query(`
      set session_replication_role = replica;
      insert into organizations (id, name, enrolment) select gen_random_uuid(), 'Org ' || o, 'open' from generate_series(2, ${orgs}) o;
      insert into sites (org_id, id, name) select id, gen_random_uuid(), 'South' from organizations where id <> '${orgId}';
      insert into devices (org_id, id, platform, model, app_version, secret_sha256)
        select id, gen_random_uuid(), 'test', 'Test', '1', '' from organizations;
      insert into vehicles (org_id, id, site_id, stock)
        select org_id, gen_random_uuid(), id, 'N-' || k from sites, generate_series(1, 200) k where name = 'South';
      insert into sessions (org_id, id, site_id, vehicle_id, device_id, mode, status, shot_list, started_at)
        select v.org_id, gen_random_uuid(), v.site_id, v.id, d.id, 'studio360',
          case when v.stock in ('N-1', 'N-2') then 'active' else 'completed' end, '{"studio360":{"frame_count":3}}', now()
        from vehicles v join devices d on d.org_id = v.org_id;
      insert into slots (org_id, session_id, id, position, angle_deg)
        select s.org_id, s.id, gen_random_uuid(), place, angle_deg from sessions s cross join lateral slots_of(s.shot_list);
      ${framesSql('')};
      ${currentSql('')};
      reset session_replication_role;`);
    await crowd.admin.query('vacuum analyze');
    await api.connect();
    const { result, scans } = await explained(
      orgId,
      'all',
      (tx) => listSessions(tx, { status: 'active' }, firstPage),
      api,
    );
    expect(result.items).toHaveLength(2);
    for (const { table, rows } of scans) if (largeTables.includes(table)) expect(rows, table).toBeLessThanOrEqual(10);
  } finally {
    await api.end();
    await crowd.stop();
  }
});

describe('the list matches the table', () => {
  const shown = async (filter: SessionFilter, sites: SiteScope = 'all') => {
    const ids: string[] = [];
    let page: SessionPage = { limit: 700, offset: 0 };
    let total: number | undefined;
    for (;;) {
      const {
        items,
        next,
        total: reported,
      } = await database.store.forOrg(small.orgId, sites).read((tx) => listSessions(tx, filter, page));
      ids.push(...items.map((item) => item.id));
      if (ids.length <= 700) total = reported;
      expect(reported).toBe(total);
      if (next === null) return { ids, total };
      page = { ...page, after: next };
    }
  };
  const stored = async (where: string, values: unknown[] = []) => {
    const { rows } = await database.admin.query<{ id: string }>(
      `select s.id from sessions s join vehicles v on v.org_id = s.org_id and v.id = s.vehicle_id
       where s.org_id = $1 and ${where} order by (s.status = 'active') desc, s.started_at desc, s.id desc`,
      [small.orgId, ...values],
    );
    return rows.map((row) => row.id);
  };

  test('page by page, in the same order, for every filter and every caller, with an exact total', async () => {
    const [site] = small.siteIds;
    const cases: [SessionFilter, string, unknown[], SiteScope?][] = [
      [{}, 'true', []],
      [{}, 's.site_id = any($2)', [[site]], site === undefined ? [] : [site]],
      [{}, 'true', [], small.siteIds],
      [{}, 'false', [], []],
      [{ status: 'completed' }, `s.status = 'completed'`, []],
      [{ mode: 'stills' }, `s.mode = 'stills'`, [], small.siteIds],
      [{ mode: 'studio360', status: 'active' }, `s.mode = 'studio360' and s.status = 'active'`, []],
      [{ siteId: site, mode: 'stills' }, `s.site_id = $2 and s.mode = 'stills'`, [site], small.siteIds],
      [{ siteId: large.siteIds[0] }, 'false', []],
    ];
    for (const [filter, where, values, sites] of cases) {
      const expected = await stored(where, values);
      expect(await shown(filter, sites)).toEqual({ ids: expected, total: expected.length });
    }
  });

  test.each([
    ['the start of a stock number', 'N-19', `v.stock like 'N-19%'`],
    ['characters with a meaning in LIKE', '%_', 'false'],
    ['the same in a stock number', 'R%_1', `starts_with(v.stock, 'R%_1')`],
    ['the start of a VIN', '1HGCM82633', `v.vin like '1HGCM82633%'`],
    ['the end of a VIN', '00F0', `v.vin like '%00F0'`],
    ['a whole VIN', '1HGCM8263300000F0', `v.vin = '1HGCM8263300000F0'`],
  ])('a search for %s', async (_, q, where) => {
    const expected = await stored(where);
    expect(await shown({ q })).toEqual({ ids: expected, total: undefined });
    const [site] = small.siteIds;
    const there = await stored(`s.site_id = $2 and s.status = 'completed' and ${where}`, [site]);
    expect((await shown({ q, siteId: site, status: 'completed' })).ids).toEqual(there);
  });

  test('a search with more vehicles than the limit gives the same result', async () => {
    const { result } = await list({ q: 'N-' }, { limit: 200, offset: 100 });
    const { rows } = await database.admin.query<{ id: string }>(
      `select s.id from sessions s join vehicles v on v.org_id = s.org_id and v.id = s.vehicle_id
       where s.org_id = $1 and v.stock like 'N-%'
       order by (s.status = 'active') desc, s.started_at desc, s.id desc limit 200 offset 100`,
      [large.orgId],
    );
    expect(result.items.map((item) => item.id)).toEqual(rows.map((row) => row.id));
  });

  test('a search among the sessions of one vehicle', async () => {
    const [id = ''] = await stored(`v.stock = 'N-1999'`);
    const { rows } = await database.admin.query('select vehicle_id from sessions where id = $1', [id]);
    const vehicleId = VehicleId.parse(rows[0].vehicle_id);
    expect((await shown({ vehicleId, q: 'N-1' })).ids).toEqual([id]);
    expect((await shown({ vehicleId, q: 'N-2' })).ids).toEqual([]);
  });
});

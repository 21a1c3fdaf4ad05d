import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateToBefore, migrateToLatest } from '../testing/upgrade.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const uuid = (text: string) => `md5('${text}')::uuid`;

/** Three sites. One vehicle was shot at all of them, one at two, one at one, and one nowhere. */
const before = `
  insert into organizations (id, name) values (${uuid('org')}, 'Org'), (${uuid('other')}, 'Other');
  insert into sites (org_id, id, name, created_at)
    select ${uuid('org')}, md5(name)::uuid, name, timestamptz '2026-01-01' + n * interval '1 day'
    from unnest(array['A', 'B', 'C']) with ordinality made (name, n);
  insert into sites (org_id, id, name) values (${uuid('other')}, ${uuid('A')}, 'A');
  insert into devices (org_id, id, platform, model, app_version, secret_sha256)
    select id, ${uuid('device')}, '', '', '', '' from organizations;
  insert into vehicles (org_id, id, stock, vin) values
    (${uuid('org')}, ${uuid('v1')}, 'S1', '1HGCM82633A004351'),
    (${uuid('org')}, ${uuid('v2')}, null, '1HGCM82633A004352'),
    (${uuid('org')}, ${uuid('v3')}, 'S3', null),
    (${uuid('org')}, ${uuid('v4')}, 'S4', null),
    (${uuid('other')}, ${uuid('v1')}, 'S1', '1HGCM82633A004351');
  insert into sessions (org_id, id, site_id, vehicle_id, device_id, mode, shot_list, started_at)
    select md5(org)::uuid, md5(org || name)::uuid, md5(site)::uuid, md5(vehicle)::uuid, ${uuid('device')}, 'stills', '{}',
      timestamptz '2026-05-04' + number * interval '1 day'
    from (values ('org', 'first', 'B', 'v1', 1), ('org', 'second', 'A', 'v1', 2), ('org', 'third', 'C', 'v1', 3),
      ('org', 'fourth', 'A', 'v1', 4), ('org', 'fifth', 'C', 'v2', 5), ('org', 'sixth', 'A', 'v2', 6),
      ('org', 'seventh', 'A', 'v3', 7), ('other', 'first', 'A', 'v1', 8)) made (org, name, site, vehicle, number);
  insert into images (org_id, id, site_id, session_id, vehicle_id, storage_key, content_type)
    select s.org_id, i.id, s.site_id, s.id, s.vehicle_id,
      format('org/%s/site/%s/session/%s/%s.jpg', s.org_id, s.site_id, s.id, i.id), 'image/jpeg'
    from sessions s, generate_series(1, 3) n, lateral (select md5(s.id::text || n)::uuid as id) i;`;

test('vehicles that sites shared become one vehicle per site, with their sessions and images', async () => {
  const admin = new pg.Client({ connectionString: database.empty.superuser });
  try {
    await migrateToBefore(database, '0007');
    await admin.connect();
    // The triggers that count sessions run as the owner, and the policies limit the owner to one organization.
    await admin.query('alter table session_counts no force row level security');
    await admin.query(before);
    await admin.query('alter table session_counts force row level security');
    const rows = async (statement: string) => (await admin.query(statement)).rows;
    const sessionsBefore = await rows('select org_id, id, site_id, started_at from sessions order by 1, 2');
    const imagesBefore = await rows('select org_id, id, session_id, site_id from images order by 1, 2');
    await migrateToLatest(database);

    expect(await rows('select org_id, id, site_id, started_at from sessions order by 1, 2')).toEqual(sessionsBefore);
    expect(await rows('select org_id, id, session_id, site_id from images order by 1, 2')).toEqual(imagesBefore);
    // Each session and image still has a vehicle with the same numbers, now of its own site.
    expect(
      await rows(`
        select o.name as org, t.name as site, v.stock, right(v.vin, 1) as vin, count(distinct s.id)::int as sessions,
          count(i.id)::int as images
        from vehicles v join organizations o on o.id = v.org_id join sites t on t.org_id = v.org_id and t.id = v.site_id
          left join sessions s on s.org_id = v.org_id and s.vehicle_id = v.id and s.site_id = v.site_id
          left join images i on i.org_id = s.org_id and i.session_id = s.id and i.vehicle_id = v.id and i.site_id = v.site_id
        group by 1, 2, 3, 4 order by 1, 3, 4, 2`),
    ).toEqual([
      { org: 'Org', site: 'A', stock: 'S1', vin: '1', sessions: 2, images: 6 },
      { org: 'Org', site: 'B', stock: 'S1', vin: '1', sessions: 1, images: 3 },
      { org: 'Org', site: 'C', stock: 'S1', vin: '1', sessions: 1, images: 3 },
      { org: 'Org', site: 'A', stock: 'S3', vin: null, sessions: 1, images: 3 },
      { org: 'Org', site: 'A', stock: 'S4', vin: null, sessions: 0, images: 0 },
      { org: 'Org', site: 'A', stock: null, vin: '2', sessions: 1, images: 3 },
      { org: 'Org', site: 'C', stock: null, vin: '2', sessions: 1, images: 3 },
      { org: 'Other', site: 'A', stock: 'S1', vin: '1', sessions: 1, images: 3 },
    ]);
    // The first site that shot the vehicle keeps the id.
    expect(
      await rows(`select t.name from vehicles v join sites t on t.org_id = v.org_id and t.id = v.site_id
        where v.org_id = ${uuid('org')} and v.id in (${uuid('v1')}, ${uuid('v2')}) order by 1`),
    ).toEqual([{ name: 'B' }, { name: 'C' }]);
    expect(
      await rows(`select relname from pg_class where relname in ('sites', 'vehicles', 'sessions', 'images')
        and not relforcerowsecurity`),
    ).toEqual([]);
  } finally {
    await admin.end();
  }
});

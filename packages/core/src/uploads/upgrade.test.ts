import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateToBefore, migrateToLatest } from '../testing/upgrade.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

/** A database from before the table of uploads, with a frame in each state, after the migration. */
let database: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  database = await startTestDatabase();
  await migrateToBefore(database, '0007');
  admin = new pg.Client({ connectionString: database.empty.superuser });
  await admin.connect();
  // The triggers that count sessions work only within one organization.
  await admin.query(`
    set session_replication_role = replica;
    insert into organizations (id, name) select md5(k::text)::uuid, k::text from generate_series(1, 2) k;
    insert into sites (org_id, id, name) select id, id, name from organizations;
    insert into vehicles (org_id, id, stock) select id, id, 'S' from organizations;
    insert into devices (org_id, id, platform, model, app_version, secret_sha256) select id, id, '', '', '', '' from organizations;
    insert into sessions (org_id, id, site_id, vehicle_id, device_id, mode, shot_list)
      select id, id, id, id, id, 'studio360', '{"studio360": {"frame_count": 24}}' from organizations;
    reset session_replication_role`);
  await admin.query(insertImages(frames));
  await migrateToLatest(database);
});
afterAll(async () => {
  await admin?.end();
  await database?.stop();
});

const at = (minute: number) => `2026-11-20T10:0${minute}:00.000Z`;
const frames = [
  { status: 'pending', upload_expires_at: at(5) },
  { status: 'expired', upload_expires_at: at(5) },
  { status: 'processed', measured: true, ext: 'heic' },
  { status: 'failed', measured: true },
  { status: 'failed', failure: { code: 'truncated', message: 'The file ends too early.' } },
  { status: 'published', measured: true },
];

/** One frame of each kind for each organization, as the previous API and worker wrote them. */
function insertImages(rows: object[]): string {
  return `
    insert into images (org_id, id, site_id, session_id, vehicle_id, angle_deg, status, storage_key, content_type, hash_sha256,
      size_bytes, thumb_keys, qc, failure, created_at, upload_expires_at, uploaded_at, work_started_at, processed_at)
    select o.id, f.id, o.id, o.id, o.id, f.k * 15, f.row ->> 'status', f.key, f.type, encode(sha256(f.id::text::bytea), 'hex'),
      case when f.done then 1000 + f.k end,
      case when f.row ? 'measured' then
        jsonb_build_object('150', f.key || '_thumb_150.jpg', '600', f.key || '_thumb_600.jpg', '1200', f.key || '_thumb_1200.jpg') end,
      case when f.row ? 'measured' then '{}'::jsonb end, f.row -> 'failure', '${at(0)}', (f.row ->> 'upload_expires_at')::timestamptz,
      case when f.done then '${at(1)}'::timestamptz end, case when f.done then '${at(2)}'::timestamptz end,
      case when f.done then '${at(3)}'::timestamptz end
    from organizations o cross join lateral (
      select k, row, done, id, 'org/' || o.id || '/site/' || o.id || '/session/' || o.id || '/' || id || '.' || ext as key,
        case ext when 'heic' then 'image/heic' else 'image/jpeg' end as type
      from (
        select k, row, row ->> 'status' not in ('pending', 'expired') as done, md5(o.id || k::text)::uuid as id,
          coalesce(row ->> 'ext', 'jpg') as ext
        from jsonb_array_elements('${JSON.stringify(rows)}') with ordinality r (row, k)
      ) ids
    ) f`;
}

test('each existing frame has its original, with its previous state and times', async () => {
  const { rows } = await admin.query(`
    select u.kind, u.state, u.failure ->> 'code' as failure, u.content_type, u.size_bytes::int, u.expires_at, u.stored_at,
      u.work_started_at, u.processed_at
    from uploads u join images i on i.org_id = u.org_id and i.id = u.id and i.id = u.image_id
      and i.storage_key = u.storage_key and i.hash_sha256 = u.hash_sha256 and i.created_at = u.created_at
    order by i.org_id, i.angle_deg`);
  const done = { stored_at: new Date(at(1)), work_started_at: new Date(at(2)), processed_at: new Date(at(3)) };
  const awaited = { expires_at: new Date(at(5)), stored_at: null, work_started_at: null, processed_at: null };
  const of = (k: number, over: object) => ({
    ...{
      kind: 'original',
      failure: null,
      content_type: 'image/jpeg',
      size_bytes: 1_000 + k,
      expires_at: null,
      ...done,
    },
    ...over,
  });
  const expected = [
    of(1, { state: 'expected', size_bytes: null, ...awaited }),
    of(2, { state: 'expired', size_bytes: null, ...awaited }),
    of(3, { state: 'processed', content_type: 'image/heic' }),
    of(4, { state: 'processed' }),
    of(5, { state: 'rejected', failure: 'truncated' }),
    of(6, { state: 'processed' }),
  ];
  expect(rows).toEqual([...expected, ...expected]);
});

test('each existing thumbnail is a rendition of its original', async () => {
  const { rows } = await admin.query(`
    select r.kind, r.format, r.version, r.size_bytes, count(*)::int as n from renditions r
      join images i on i.org_id = r.org_id and i.id = r.image_id and i.id = r.upload_id
        and i.thumb_keys ->> r.width::text = r.storage_key
    group by 1, 2, 3, 4`);
  // Two organizations, three frames, three sizes.
  expect(rows).toEqual([{ kind: 'thumbnail', format: 'jpeg', version: 1, size_bytes: null, n: 18 }]);
});

test('row-level security is forced again on the tables that the migration read', async () => {
  const { rows } = await admin.query(
    `select relname as name from pg_class where relname in ('images', 'uploads', 'renditions') and relforcerowsecurity order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(['images', 'renditions', 'uploads']);
});

test('rows that the previous API and worker write during the upgrade become uploads, too', async () => {
  const key = `(select storage_key from images where status = 'pending' order by org_id limit 1)`;
  const uploads = `select state, expires_at, stored_at, processed_at, failure ->> 'code' as failure from uploads
    where storage_key = ${key.replace("status = 'pending'", 'angle_deg = 15')}`;
  await admin.query(`update images set upload_expires_at = '${at(6)}' where storage_key = ${key}`);
  expect((await admin.query(uploads)).rows).toMatchObject([{ state: 'expected', expires_at: new Date(at(6)) }]);
  await admin.query(`update images set status = 'failed', failure = '{"code": "truncated", "message": "x"}',
    uploaded_at = '${at(7)}', work_started_at = '${at(8)}', processed_at = '${at(9)}' where storage_key = ${key}`);
  expect((await admin.query(uploads)).rows).toEqual([
    {
      state: 'rejected',
      expires_at: new Date(at(6)),
      stored_at: new Date(at(7)),
      processed_at: new Date(at(9)),
      failure: 'truncated',
    },
  ]);
  await admin.query(`
    insert into images (org_id, id, site_id, session_id, vehicle_id, storage_key, content_type, upload_expires_at)
    select id, id, id, id, id, 'org/' || id || '/site/' || id || '/session/' || id || '/' || id || '.heic', 'image/heic', '${at(9)}'
    from organizations`);
  const added = await admin.query('select state, content_type from uploads where id = org_id');
  expect(added.rows).toEqual(Array.from({ length: 2 }, () => ({ state: 'expected', content_type: 'image/heic' })));
});

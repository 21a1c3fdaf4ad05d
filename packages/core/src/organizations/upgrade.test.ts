import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateToBefore, migrateToLatest } from '../testing/upgrade.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

/** Two organizations with uploads in several states, a rendition, and a session that is being erased. */
const before = `
  set session_replication_role = replica;
  insert into organizations (id, name) select md5(k)::uuid, k from unnest(array['first', 'second']) k;
  insert into uploads (org_id, id, image_id, session_id, site_id, kind, storage_key, content_type, content_length, size_bytes, state,
      failure, deletion_id)
    select o.id, u.id, u.id, o.id, o.id, 'original', 'org/' || o.id || '/site/' || o.id || '/session/' || o.id || '/' || u.id || '.jpg',
      'image/jpeg', u.announced, u.arrived, u.state, case u.state when 'rejected' then '{}'::jsonb end, case when u.erased then o.id end
    from organizations o, (select md5(state || erased)::uuid as id, * from (values
      ('processed', 999, 1000, false), ('expected', 200, null, false), ('expected', null, null, true), ('expired', 400, null, false),
      ('rejected', 30, 30, true)) v (state, announced, arrived, erased)) u;
  insert into renditions (org_id, image_id, upload_id, kind, width, format, version, storage_key, size_bytes)
    select id, id, id, 'thumbnail', w, 'jpeg', 1, 'org/' || id || '/' || w, n from organizations, (values (150, 5), (600, null)) r (w, n) where name = 'first';
  reset session_replication_role;`;

test('an upgrade counts the bytes that are stored and expected, also those that are being erased', async () => {
  const admin = new pg.Client({ connectionString: database.empty.superuser });
  try {
    await migrateToBefore(database, '0034');
    await admin.connect();
    await admin.query(before);
    await migrateToLatest(database);
    const { rows } = await admin.query(`
      select o.name, sum(b.bytes)::int as bytes, o.quota_bytes as quota
      from stored_bytes b join organizations o on o.id = b.org_id group by o.id order by o.name`);
    expect(rows).toEqual([
      { name: 'first', bytes: 1_235, quota: null },
      { name: 'second', bytes: 1_230, quota: null },
    ]);
    const { rows: unforced } = await admin.query(
      `select relname from pg_class where relname in ('uploads', 'renditions', 'stored_bytes', 'session_days')
       and not relforcerowsecurity`,
    );
    expect(unforced).toEqual([]);
  } finally {
    await admin.end();
  }
});

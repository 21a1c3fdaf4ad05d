import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectDatabase } from '../migrate/inspect-database.ts';
import { migrationsDir, startTestDatabase, type TestDatabase } from '../testing.ts';

/**
 * Checks in the catalogue how the database itself protects its rows. A migration that allows something new needs a line in one
 * of these lists, so that it is a decision and not an accident.
 */

/** Tables without a tenant, each with the reason why it contains no tenant's data. */
const tablesWithoutTenant: Record<string, string> = {
  schema_migrations: 'only names of migrations; API and worker check it to see whether the database is ready',
};

/** Policies that show rows before an organization is known, with the reason. */
const policiesBeforeOrg: Record<string, string> = {
  'deletions.due SELECT': 'the worker looks for due deletions of all organizations, ids only',
  'late_photos.due SELECT': 'the deletion jobs look for late photos of all organizations, ids only',
  'outbox.in_order SELECT': 'one reader returns the changes of all organizations, ids only',
  'organizations.listed SELECT': 'the reconciler processes the organizations one by one and needs a list of them',
  'qc_rejudgements.open SELECT': 'the worker looks for open rejudgements of all organizations, ids only',
  'users.by_proven_email SELECT': 'a sign-in has verified an email address: its owner may look for its organizations',
};

/** Policies that hide rows of the organization itself. They only restrict access. */
const hiding: Record<string, string> = {
  'images.not_erased': 'of a session with a scheduled erasure',
  'organizations.not_erased': 'its erasure is scheduled: nobody has access',
  'sessions.not_erased': 'its erasure is scheduled',
  'uploads.not_erased': 'of a session with a scheduled erasure',
  'vehicles.not_erased': 'its erasure is scheduled',
};

/** All privileges of the role of API and worker. */
const grants = [
  'outbox: DELETE, SELECT',
  'outbox (image_id, org_id, session_id, site_id, slot_id, type, xact_id): INSERT',
  'public: USAGE',
  'deletions: DELETE, INSERT, SELECT',
  'deletions (attempts, next_try_at, state): UPDATE',
  'device_site_access: DELETE, INSERT, SELECT',
  'devices: INSERT, SELECT, UPDATE',
  'ended_tokens: DELETE, INSERT, SELECT',
  'enrolment_codes: INSERT, SELECT',
  'enrolment_codes (device_id, revoked_at, tries_left, used_at): UPDATE',
  'events: INSERT, SELECT',
  'exchanged_id_tokens: DELETE, INSERT, SELECT',
  'images: INSERT, SELECT, UPDATE',
  'late_photos: DELETE, INSERT, SELECT',
  'late_photos (attempts, next_try_at): UPDATE',
  'organizations: SELECT',
  'organizations (audit_days, enrolment, erasing, keep_gps, name, names_version, qc_edge_width_fail, qc_min_long_side, qc_profile, quota_bytes, quota_sessions_per_day): UPDATE',
  'qc_rejudgements: INSERT, SELECT, UPDATE',
  'renditions: INSERT, SELECT',
  'schema_migrations: SELECT',
  'session_counts: SELECT',
  'session_days: INSERT, SELECT',
  'session_days (day, n): UPDATE',
  'session_devices: INSERT, SELECT',
  'sessions: INSERT, SELECT, UPDATE',
  'shot_lists: DELETE, INSERT, SELECT',
  'shot_lists (name, shots, updated_at, version): UPDATE',
  'sites: INSERT, SELECT',
  'sites (name): UPDATE',
  'slots: SELECT',
  'slots (angle_deg, id, org_id, position, session_id, shot_name): INSERT',
  'slots (current_image_id, published_image_id): UPDATE',
  'stored_bytes: SELECT',
  'uploads: INSERT, SELECT',
  'uploads (content_length, deletion_id, device_id, expires_at, failure, processed_at, reconcile_after, requeued_at, requeues, size_bytes, state, stored_at, work_started_at): UPDATE',
  'user_site_access: DELETE, INSERT, SELECT',
  'users: INSERT, SELECT',
  'users (disabled_at, invitation, name, role, token_generation): UPDATE',
  'vehicles: INSERT, SELECT',
  'vehicles (deletion_id, stock, vin): UPDATE',
];

const countsOnly =
  'API and worker read the counts of sessions, and only these triggers change them; row-level security applies to the owner, too';
const bytesOnly =
  'API and worker read the stored bytes, and only these triggers change them; row-level security applies to the owner, too';
/** Functions that run with the rights of their owner, with the reason. */
const securityDefiners: Record<string, string> = {
  count_rendition_bytes: bytesOnly,
  count_session_change: countsOnly,
  count_sessions: countsOnly,
  count_upload_bytes: bytesOnly,
  count_upload_change: bytesOnly,
  erase_person: 'API and worker may not change email addresses, but may make a person anonymous',
  erase_rows: 'API and worker may not delete sessions, but may complete a due deletion',
  expire_events: 'API and worker may not delete events, but may delete expired ones',
};

/** Columns that name rows of other tables without a foreign key, with the reason. */
const columnsWithoutReference: Record<string, string> = {
  'deletions.entity_id': 'it keeps the id of erased data',
  'ended_tokens.token_id': 'tokens are signed, not stored',
  'enrolment_codes.site_ids':
    'a list; each site is checked when the code is created, and the device that uses it gets rows with references',
  'events.actor_id': 'a log keeps its lines about deleted rows',
  'events.entity_id': 'the same, and a client may report about things that never existed',
  'outbox.image_id': 'a change is reported even if its row was deleted',
  'outbox.session_id': 'the same',
  'outbox.site_id': 'the same',
  'outbox.slot_id': 'the same',
  'qc_rejudgements.last_session_id':
    'a position in the order of ids: the work continues after it even if the session was deleted',
};

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const lines = async (statement: string) =>
  (await database.admin.query<{ line: string }>(statement)).rows.map((row) => row.line);

/** Schemas that do not belong to PostgreSQL itself. */
const ours = `nspname <> 'information_schema' and nspname not like 'pg\\_%'`;

test('row-level security alone separates organizations, for reading and writing', async () => {
  const [us, them] = [await database.makeOrg(), await database.makeOrg()];
  const tenant = database.store.forOrg(us.orgId, 'all');
  const seen = await tenant.read((tx) =>
    tx.run(sql<{ org_id: string }>`select org_id from sites where ${us.orgId}::uuid is not null`),
  );
  expect(new Set(seen.map((row) => row.org_id))).toEqual(new Set([us.orgId]));
  const insert = tenant.transact((tx) =>
    tx.run(sql`insert into vehicles (org_id, id, site_id, stock)
        select ${them.orgId}, gen_random_uuid(), ${them.siteIds[0]}, ${us.orgId}`),
  );
  await expect(insert).rejects.toThrow(/row-level security/);
  const changed = await tenant.transact((tx) =>
    tx.run(
      sql<{ org_id: string }>`update sites set name = name || '!' where ${us.orgId}::uuid is not null returning org_id`,
    ),
  );
  expect(new Set(changed.map((row) => row.org_id))).toEqual(new Set([us.orgId]));
  expect(await lines(`select name as line from sites where org_id = '${them.orgId}' order by 1`)).toEqual([
    'North',
    'South',
  ]);
});

test('row-level security alone separates the counts of sessions, too', async () => {
  const orgs = [await database.makeOrg(), await database.makeOrg()];
  for (const { orgId, siteIds } of orgs) {
    const count = 'insert into session_counts (org_id, site_id, status, mode, n) values ($1, $2, $3, $4, 1)';
    await database.admin.query(count, [orgId, siteIds[0], 'active', 'stills']);
  }
  for (const { orgId } of orgs) {
    const seen = await database.store
      .forOrg(orgId, 'all')
      .read((tx) =>
        tx.run(sql<{ org_id: string }>`select org_id from session_counts where ${orgId}::uuid is not null`),
      );
    expect(seen).toEqual([{ org_id: orgId }]);
  }
});

test('`inspectDatabase` accepts the role of API and worker, and refuses the owner', async () => {
  expect(await inspectDatabase(database.appUrl, migrationsDir)).toMatch(/row-level security forced/);
  await expect(inspectDatabase(database.ownerUrl, migrationsDir)).rejects.toThrow(/bypasses/);
});

describe('the role of API and worker', () => {
  test('is subject to row-level security: not a superuser, no BYPASSRLS, no memberships, owns nothing', async () => {
    const { rows } = await database.admin.query(
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
         (select count(*)::int from pg_auth_members where member = r.oid) as memberships,
         (select count(*)::int from pg_class where relowner = r.oid)
           + (select count(*)::int from pg_proc where proowner = r.oid)
           + (select count(*)::int from pg_namespace where nspowner = r.oid)
           + (select count(*)::int from pg_database where datdba = r.oid) as owned
       from pg_roles r where rolname = 'spinbay_app'`,
    );
    expect(rows).toEqual([
      {
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        memberships: 0,
        owned: 0,
      },
    ]);
  });

  test('has exactly the listed privileges, by table and column', async () => {
    const found = await lines(`
      select nspname || ': ' || string_agg(distinct privilege_type, ', ' order by privilege_type) as line
        from pg_namespace, aclexplode(nspacl) where grantee = 'spinbay_app'::regrole group by nspname
      union all
      select relname || ': ' || string_agg(privilege_type, ', ' order by privilege_type)
        from pg_class, aclexplode(relacl) where grantee = 'spinbay_app'::regrole group by relname
      union all
      select relname || ' (' || string_agg(attname, ', ' order by attname) || '): ' || privilege_type
        from pg_class join pg_attribute on attrelid = pg_class.oid, aclexplode(attacl)
        where grantee = 'spinbay_app'::regrole group by relname, privilege_type
      union all
      select 'may pass on: ' || relname from pg_class, aclexplode(relacl)
        where grantee = 'spinbay_app'::regrole and is_grantable
      union all
      select 'by default: ' || defaclobjtype::text from pg_default_acl
      union all
      select 'large objects' where exists (select from pg_largeobject_metadata)`);
    expect(found.sort()).toEqual([...grants].sort());
  });

  test('gains no privileges from PUBLIC', async () => {
    const open = await lines(`
      select relname || ': ' || privilege_type as line from pg_class join pg_namespace n on n.oid = relnamespace,
        aclexplode(relacl) where grantee = 0 and ${ours}
      union all
      select relname || ' (' || attname || '): ' || privilege_type from pg_class
        join pg_namespace n on n.oid = relnamespace join pg_attribute on attrelid = pg_class.oid, aclexplode(attacl)
        where grantee = 0 and ${ours}
      union all
      select nspname || ': ' || privilege_type from pg_namespace, aclexplode(nspacl) where grantee = 0 and ${ours}`);
    // PostgreSQL's default: every role that can connect can see the names in the schema.
    expect(open).toEqual(['public: USAGE']);
  });
});

describe('tables', () => {
  test('all are in this schema, and none is a view, which would read with the rights of its owner', async () => {
    const elsewhere = await lines(
      `select nspname || '.' || relname || ' ' || relkind::text as line from pg_class
       join pg_namespace n on n.oid = relnamespace where relkind in ('r', 'p', 'v', 'm', 'f') and ${ours}
         and not (nspname = 'public' and relkind = 'r')`,
    );
    expect(elsewhere).toEqual([]);
  });

  test('each has forced row-level security, or is listed here with a reason', async () => {
    const open = await lines(
      `select relname as line from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
       and not (relrowsecurity and relforcerowsecurity) order by 1`,
    );
    expect(open).toEqual(Object.keys(tablesWithoutTenant));
  });

  test('each has a policy that checks the organization for reading and writing; any other policy is listed here with a reason', async () => {
    const { rows } = await database.admin.query<{
      table: string;
      name: string;
      cmd: string;
      permissive: string;
      qual: string;
      with_check: string;
    }>(
      `select tablename as table, policyname as name, cmd, permissive, qual, with_check from pg_policies
       where schemaname = 'public'`,
    );
    const others = [];
    const guarded = [];
    const hidden = [];
    for (const { table, name, cmd, permissive, qual, with_check } of rows) {
      const column = table === 'organizations' ? 'id' : 'org_id';
      const full = `(${column} = app_org_id())`;
      if (cmd === 'ALL' && permissive === 'PERMISSIVE' && qual === full && with_check === full) guarded.push(table);
      else if (permissive === 'RESTRICTIVE') hidden.push(`${table}.${name}`);
      else others.push(`${table}.${name} ${cmd}`);
    }
    expect(hidden.sort()).toEqual(Object.keys(hiding));
    expect(others.sort()).toEqual(Object.keys(policiesBeforeOrg).sort());
    const tables = await lines(
      `select relname as line from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
    expect(guarded.sort()).toEqual(tables.filter((table) => !(table in tablesWithoutTenant)).sort());
  });

  test('each with a tenant has it in its primary key, and it is never null', async () => {
    const { rows } = await database.admin.query<{ name: string; nullable: string; first_of_key: string }>(
      `select c.relname as name, k.attname as first_of_key, o.is_nullable as nullable
       from pg_class c join pg_index i on i.indrelid = c.oid and i.indisprimary
         join pg_attribute k on k.attrelid = c.oid and k.attnum = i.indkey[0]
         join information_schema.columns o on o.table_schema = 'public' and o.table_name = c.relname and o.column_name = k.attname
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`,
    );
    for (const row of rows.filter(({ name }) => !(name in tablesWithoutTenant)))
      expect(row).toEqual({
        name: row.name,
        first_of_key: row.name === 'organizations' ? 'id' : 'org_id',
        nullable: 'NO',
      });
  });

  test('a foreign key between tables of tenants includes the organization on both sides', async () => {
    const { rows } = await database.admin.query<{ name: string; pairs: string[]; target: string }>(
      `select conrelid::regclass || '.' || conname as name, confrelid::regclass::text as target, array(
         select a.attname || '=' || b.attname from unnest(conkey, confkey) as k (x, y)
         join pg_attribute a on a.attrelid = conrelid and a.attnum = k.x
         join pg_attribute b on b.attrelid = confrelid and b.attnum = k.y) as pairs
       from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`,
    );
    expect(rows.length).toBeGreaterThan(10);
    for (const { name, pairs, target } of rows) {
      const wanted = target === 'organizations' ? 'org_id=id' : 'org_id=org_id';
      expect(pairs, name).toContain(wanted);
    }
  });

  test('a column that names a row of another table is a foreign key, or is listed here', async () => {
    const free = await lines(
      `select table_name || '.' || column_name as line from information_schema.columns c
       where table_schema = 'public' and (udt_name = '_uuid' or udt_name = 'uuid' and column_name not in ('id', 'org_id'))
         and not exists (
           select from pg_constraint join pg_attribute a on a.attrelid = conrelid and a.attnum = any (conkey)
           where contype = 'f' and conrelid = format('public.%I', c.table_name)::regclass and a.attname = c.column_name)
       order by 1`,
    );
    expect(free).toEqual(Object.keys(columnsWithoutReference));
  });
});

describe('functions', () => {
  test('run with the rights of their caller, or are listed here with a reason', async () => {
    const definers = await lines(
      `select proname as line from pg_proc join pg_namespace n on n.oid = pronamespace where prosecdef and ${ours} order by 1`,
    );
    expect(definers).toEqual(Object.keys(securityDefiners));
  });

  test('the organization of a transaction is the value of its setting, or none', async () => {
    const { rows } = await database.admin.query(
      `select prosrc, provolatile from pg_proc where proname = 'app_org_id' and pronamespace = 'public'::regnamespace`,
    );
    // Stable: if it were immutable, a plan could keep one tenant's id for another.
    expect(rows).toEqual([{ prosrc: '', provolatile: 's' }]);
    expect(await lines(`select coalesce(app_org_id()::text, 'none') as line`)).toEqual(['none']);
    expect(await lines(`select pg_get_functiondef('app_org_id'::regproc) as line`).then(([text]) => text)).toContain(
      `NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid`,
    );
  });
});

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateToBefore } from '../testing/upgrade.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  database = await startTestDatabase();
  admin = new pg.Client({ connectionString: database.empty.superuser });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await database?.stop();
});

/** An id for this name. */
const idOf = (name: string) => `md5('${name}')::uuid`;

interface OldImage {
  readonly session: string;
  readonly angle?: number;
  readonly shot?: string;
  readonly status: string;
  /** Times of the server and of the camera, in minutes. */
  readonly at: number;
  readonly capturedAt?: number;
  readonly override?: boolean;
}

const images: Record<string, OldImage> = {
  'published first': { session: 'spin', angle: 0, status: 'published', at: 1 },
  'published again': { session: 'spin', angle: 0, status: 'published', at: 2 },
  'published with an override': { session: 'spin', angle: 0, status: 'published', at: 0, override: true },
  'published, and a year ahead': { session: 'spin', angle: 90, status: 'published', at: 1, capturedAt: 525_600 },
  'shot again': { session: 'spin', angle: 90, status: 'processed', at: 2 },
  good: { session: 'spin', angle: 180, status: 'processed', at: 1 },
  'bad, and newer': { session: 'spin', angle: 180, status: 'failed', at: 2 },
  'came late': { session: 'spin', angle: 180, status: 'processed', at: 3, capturedAt: 0 },
  'never came': { session: 'spin', angle: 270, status: 'expired', at: 2 },
  'on its way': { session: 'spin', angle: 270, status: 'pending', at: 1 },
  'without a slot': { session: 'spin', status: 'published', at: 1 },
  'without a slot, too': { session: 'spin', status: 'published', at: 2 },
  'at an angle of no slot': { session: 'spin', angle: 7, status: 'processed', at: 1 },
  'a still': { session: 'stills', shot: 'boot', status: 'failed', at: 1 },
  'a still of another list': { session: 'stills', shot: 'front', status: 'processed', at: 1 },
};

const shotLists = {
  spin: '{"studio360": {"frame_count": 4}, "stills": [{"name": "plate", "required": false}]}',
  stills: '{"stills": [{"name": "odometer", "required": true}, {"name": "boot", "required": false}]}',
  'nothing shot': '{"studio360": {"frame_count": 2}}',
};

test('a database of the previous version keeps every frame; of several published ones in a slot the newest stays published', async () => {
  await migrateToBefore(database, '0007');
  await admin.query(`
    insert into organizations (id, name) values (${idOf('org')}, 'Org');
    insert into sites (org_id, id, name) select id, id, name from organizations;
    insert into users (org_id, id, email, name, role) select id, id, 'r@org.test', 'R', 'reviewer' from organizations;
    insert into vehicles (org_id, id, stock) select id, id, 'S' from organizations;
    select set_config('app.org_id', ${idOf('org')}::text, false);`);
  for (const [name, list] of Object.entries(shotLists))
    await admin.query(`insert into sessions (org_id, id, site_id, vehicle_id, user_id, mode, shot_list)
      select id, ${idOf(name)}, id, id, id, 'studio360', '${list}' from organizations`);
  for (const [name, image] of Object.entries(images)) {
    const time = (minutes: number | undefined) =>
      minutes === undefined ? 'null' : `'2026-05-04'::timestamptz + interval '${minutes} minutes'`;
    const published = image.status === 'published';
    await admin.query(
      `insert into images (org_id, id, site_id, session_id, vehicle_id, angle_deg, shot_name, status, storage_key, content_type,
         created_at, captured_at, published_at, published_by, publish_override)
       select id, ${idOf(name)}, id, ${idOf(image.session)}, id, $1, $2, $3, $4, 'image/jpeg', ${time(image.at)},
         ${time(image.capturedAt)}, ${published ? 'now()' : 'null'}, ${published ? 'id' : 'null'}, $5 from organizations`,
      [image.angle, image.shot, image.status, name, image.override === true],
    );
  }
  const versions = 'select sum(images_version)::int as sum from sessions';
  const before = (await admin.query(versions)).rows[0].sum;

  await migrateToBefore(database, '0008');

  const kept = await admin.query(
    'select storage_key, angle_deg, shot_name, status, published_at is null as unpublished from images',
  );
  expect(Object.fromEntries(kept.rows.map(({ storage_key, ...row }) => [storage_key, row]))).toEqual(
    Object.fromEntries(
      Object.entries(images).map(([name, { angle, shot, status }]) => {
        const now = { 'published first': 'processed', 'published with an override': 'failed' }[name] ?? status;
        return [
          name,
          { angle_deg: angle ?? null, shot_name: shot ?? null, status: now, unpublished: now !== 'published' },
        ];
      }),
    ),
  );
  const slots = await admin.query(`
    select s.angle_deg, s.shot_name, c.storage_key as current, p.storage_key as published from slots s
    left join images c on c.id = s.current_image_id left join images p on p.id = s.published_image_id
    order by array_position(array[${Object.keys(shotLists).map(idOf).join(', ')}], s.session_id), s.position`);
  expect(slots.rows.map(({ angle_deg, shot_name, ...rest }) => [angle_deg ?? shot_name, rest])).toEqual([
    [0, { current: 'published again', published: 'published again' }],
    [90, { current: 'shot again', published: 'published, and a year ahead' }],
    [180, { current: 'good', published: null }],
    [270, { current: 'on its way', published: null }],
    ['plate', { current: null, published: null }],
    ['odometer', { current: null, published: null }],
    ['boot', { current: 'a still', published: null }],
    [0, { current: null, published: null }],
    [180, { current: null, published: null }],
  ]);
  const events = await admin.query(`select i.storage_key, e.type, e.actor_type, r.storage_key as replaced_by, e.id::text
    from events e join images i on i.id = e.entity_id join images r on r.id = (e.meta ->> 'replaced_by')::uuid order by 1`);
  const takenBack = { type: 'image.unpublished', actor_type: 'system', replaced_by: 'published again' };
  // The audit log is read in the order of its ids, which begin with the time.
  const id = expect.stringMatching(/^0[0-9a-f]{7}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(events.rows).toEqual([
    { storage_key: 'published first', ...takenBack, id },
    { storage_key: 'published with an override', ...takenBack, id },
  ]);
  expect((await admin.query(versions)).rows[0].sum).toBeGreaterThan(before);
  const open = await admin.query(
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
     and not relforcerowsecurity and relname <> 'schema_migrations'`,
  );
  expect(open.rows).toEqual([]);
});

test('rows that a server of the previous version writes during the upgrade get their slots, too', async () => {
  await admin.query(`
    insert into sessions (org_id, id, site_id, vehicle_id, user_id, mode, shot_list)
      select id, ${idOf('meanwhile')}, id, id, id, 'studio360', '{"studio360": {"frame_count": 8}}' from organizations;
    insert into images (org_id, id, site_id, session_id, vehicle_id, angle_deg, status, storage_key, content_type)
      select id, gen_random_uuid(), id, ${idOf('meanwhile')}, id, 44.9996, 'pending', 'meanwhile', 'image/jpeg' from organizations`);
  const { rows } = await admin.query(
    `select s.angle_deg, s.position from images i join slots s on s.id = i.slot_id where i.storage_key = 'meanwhile'`,
  );
  expect(rows).toEqual([{ angle_deg: 45, position: 1 }]);
});

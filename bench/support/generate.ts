import type { DeviceId, OrgId, SessionId, SiteId, UserId } from '@spinbay/contracts';
import type { BenchDatabase } from './database.ts';

export const sitesPerOrg = 4;
export const devicesPerOrg = 5;
export const framesPerSession = 24;
export const eventsPerSession = 50;

/** The number of sessions and of organizations. */
export interface Volume {
  readonly sessions: number;
  readonly orgs: number;
}

const kinds = { org: 1, site: 2, user: 3, device: 4, vehicle: 5, session: 6, image: 7, event: 8, slot: 9 } as const;

/** Ids are derived from numbers, so that a benchmark knows them without a query. Like real ids, they grow with time. */
function id(kind: keyof typeof kinds, number: number): string {
  return `019a0000-000${kinds[kind]}-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** The same id in SQL. */
function sqlId(kind: keyof typeof kinds, number: string): string {
  return `('019a0000-000${kinds[kind]}-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
}

/** The site of a session. The last site of an organization has 1 in 100 of its sessions. */
function sqlSite(session: string, orgs: number): string {
  const turn = `${session} / ${orgs} % 100`;
  const site = `case when ${turn} = 99 then ${sitesPerOrg - 1} else ${turn} % ${sitesPerOrg - 1} end`;
  return sqlId('site', `${session} % ${orgs} * ${sitesPerOrg} + ${site}`);
}

export const orgId = (org: number) => id('org', org) as OrgId;
export const siteId = (org: number, site: number) => id('site', org * sitesPerOrg + site) as SiteId;
export const deviceId = (org: number, device = 0) => id('device', org * devicesPerOrg + device) as DeviceId;
export const userId = (org: number) => id('user', org) as UserId;
export const sessionId = (session: number) => id('session', session) as SessionId;
export const vehicleId = (session: number) => id('vehicle', session);
/** Sessions alternate between the organizations. */
export const orgOf = (session: number, volume: Volume) => session % volume.orgs;
export const stockOf = (session: number) => `K${session.toString(16).toUpperCase().padStart(7, '0')}`;
export const vinOf = (session: number) =>
  `WVWZZZ1K${session.toString(16).toUpperCase().padStart(9, '0')}`.replaceAll(/[IOQ]/g, 'X');

/**
 * Fills an empty database. Each session has a vehicle, 24 frames with worker results, and 50 events. The newest 1 % of the
 * sessions is active. Of the others, 1 in 20 is abandoned, and the rest is completed.
 */
export async function generate({ admin }: BenchDatabase, volume: Volume): Promise<void> {
  const { sessions, orgs } = volume;
  await admin.query(`
    insert into organizations (id, name, enrolment)
      select ${sqlId('org', 'o')}, 'Org ' || o, 'open' from generate_series(0, ${orgs - 1}) o;
    insert into sites (org_id, id, name)
      select ${sqlId('org', 'o')}, ${sqlId('site', `o * ${sitesPerOrg} + s`)}, 'Site ' || s
      from generate_series(0, ${orgs - 1}) o, generate_series(0, ${sitesPerOrg - 1}) s;
    insert into users (org_id, id, email, name, role)
      select ${sqlId('org', 'o')}, ${sqlId('user', 'o')}, 'reviewer@org' || o || '.test', 'Reviewer', 'reviewer'
      from generate_series(0, ${orgs - 1}) o;
    insert into user_site_access (org_id, user_id, site_id)
      select u.org_id, u.id, s.id from users u join sites s on s.org_id = u.org_id;
    insert into devices (org_id, id, platform, model, app_version, secret_sha256)
      select ${sqlId('org', 'o')}, ${sqlId('device', `o * ${devicesPerOrg} + d`)}, 'ios', 'iPhone 17', '1.0.0', 'none'
      from generate_series(0, ${orgs - 1}) o, generate_series(0, ${devicesPerOrg - 1}) d;
    insert into vehicles (org_id, id, site_id, vin, stock)
      select ${sqlId('org', `k % ${orgs}`)}, ${sqlId('vehicle', 'k')}, ${sqlSite('k', orgs)},
        'WVWZZZ1K' || upper(lpad(to_hex(k), 9, '0')), 'K' || upper(lpad(to_hex(k), 7, '0'))
      from generate_series(0, ${sessions - 1}) k`);
  // The triggers that count sessions stay enabled. They run as the owner, whom the policies limit to one organization.
  await admin.query('alter table session_counts no force row level security');
  await admin.query('alter table sessions disable trigger sessions_slots');
  await admin.query(sessionsSql(volume));
  await admin.query('alter table sessions enable trigger sessions_slots');
  await admin.query('alter table session_counts force row level security');
  // Unlogged, because the write-ahead log would be as large as the table, and reads do not change. Images, slots and uploads
  // stay logged: they refer to each other in a cycle, so none of them can become unlogged first.
  await admin.query('alter table events set unlogged');
  const { rows: indexes } = await admin.query<{ name: string; definition: string }>(`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
    where indrelid in ('images'::regclass, 'uploads'::regclass, 'events'::regclass) and not indisunique`);
  for (const { name } of indexes) await admin.query(`drop index ${name}`);
  // Without triggers and foreign key checks. Two connections, because each uses one core.
  const halves = [0, Math.floor(sessions / 2), sessions];
  await Promise.all(
    [0, 1].map(async (half) => {
      const client = await admin.connect();
      try {
        await client.query('set session_replication_role = replica');
        const [from = 0, to = 0] = halves.slice(half);
        if (to <= from) return;
        await client.query(slotsSql(volume, from, to - 1));
        await client.query(imagesSql(volume, from, to - 1));
        await client.query(eventsSql(volume, from, to - 1));
        await client.query('set session_replication_role = default');
      } finally {
        client.release();
      }
    }),
  );
  for (const { definition } of indexes) await admin.query(definition);
  await admin.query('vacuum (analyze, parallel 0)');
  await admin.query('checkpoint');
}

/** One session per minute until now; more often with 400,000 sessions or more. */
const startedAt = (session: string, sessions: number) =>
  `(now() - (${sessions} - ${session}) * interval '1 minute' / (1 + ${sessions} / 400000))`;

function sessionsSql({ sessions, orgs }: Volume): string {
  return `
    insert into sessions (org_id, id, site_id, vehicle_id, device_id, mode, status, shot_list, started_at, created_at,
      completed_at, abandoned_at, images_version)
    select org, id, site, vehicle, device, 'studio360', status, '{"studio360": {"frame_count": 24}}', at, at,
      case when status = 'completed' then at + interval '3 minutes' end,
      case when status = 'abandoned' then at + interval '3 minutes' end, 48
    from (
      select ${sqlId('org', `k % ${orgs}`)} as org, ${sqlId('session', 'k')} as id,
        ${sqlSite('k', orgs)} as site,
        ${sqlId('vehicle', 'k')} as vehicle,
        ${sqlId('device', `k % ${orgs} * ${devicesPerOrg} + k / ${orgs} % ${devicesPerOrg}`)} as device,
        case when k >= ${sessions} * 0.99 then 'active' when k % 20 = 7 then 'abandoned' else 'completed' end as status,
        ${startedAt('k', sessions)} as at
      from generate_series(0, ${sessions - 1}) k
      offset 0
    ) made`;
}

/** Each slot has one frame, which is published according to `isPublished`. */
function slotsSql({ sessions, orgs }: Volume, from: number, to: number): string {
  const image = sqlId('image', `k * ${framesPerSession} + f`);
  return `
    insert into slots (org_id, session_id, id, position, angle_deg, current_image_id, published_image_id)
    select ${sqlId('org', `k % ${orgs}`)}, ${sqlId('session', 'k')}, ${sqlId('slot', `k * ${framesPerSession} + f`)}, f, f * 15,
      ${image}, case when ${isPublished(sessions)} then ${image} end
    from generate_series(${from}, ${to}) k, generate_series(0, ${framesPerSession - 1}) f`;
}

/** Whether frame `f` of session `k` is published. */
const isPublished = (sessions: number) => `f <> 11 and k % 2 = 0 and k < ${sessions} * 0.99`;

/** Images, each with its original. No benchmark reads renditions. */
function imagesSql({ sessions, orgs }: Volume, from: number, to: number): string {
  return `
    with made as (
    insert into images (org_id, id, site_id, session_id, vehicle_id, slot_id, angle_deg, status, storage_key,
      hash_sha256, phash, size_bytes, width, height, thumb_keys, exif, qc, qc_version, captured_at, created_at,
      processed_at, published_at)
    select org, image, site, session, vehicle, slot, f * 15, status, key,
      encode(sha256(image::text::bytea), 'hex'), '8f3c61e0d2b4a597', 3700000 + f * 1000, 4032, 3024,
      jsonb_build_object('150', key || '_thumb_150.jpg', '600', key || '_thumb_600.jpg', '1200', key || '_thumb_1200.jpg'),
      '{"iso": 64, "shutter_s": 0.008, "aperture_f": 1.8, "focal_length_mm": 4, "taken_at": "2026-05-04T09:30:00", "orientation": 1, "make": "Apple", "model": "iPhone 17"}',
      '{"sharpness": {"score": 512.73, "status": "pass"}, "exposure": {"status": "pass", "clipped_white": 0.0123, "clipped_black": 0.0045, "mean_luma": 118.6}}',
      1, at, at, at + interval '5 seconds',
      case when status = 'published' then at + interval '10 minutes' end
    from (
      select *, 'org/' || org || '/site/' || site || '/session/' || session || '/' || image || '.jpg' as key
      from (
        select ${sqlId('org', `k % ${orgs}`)} as org, ${sqlId('image', `k * ${framesPerSession} + f`)} as image,
          ${sqlSite('k', orgs)} as site, ${sqlId('slot', `k * ${framesPerSession} + f`)} as slot,
          ${sqlId('session', 'k')} as session, ${sqlId('vehicle', 'k')} as vehicle, f,
          case when f = 11 then 'failed' when ${isPublished(sessions)} then 'published' else 'processed' end as status,
          ${startedAt('k', sessions)} + f * interval '2 seconds' as at
        from generate_series(${from}, ${to}) k, generate_series(0, ${framesPerSession - 1}) f
        offset 0 -- keeps what is above from being computed again for each of its uses
      ) frames
      offset 0
    ) keyed
    returning org_id, id, session_id, site_id, storage_key, hash_sha256, size_bytes, created_at, processed_at
    )
    insert into uploads (org_id, id, image_id, session_id, site_id, kind, storage_key, content_type, content_length, hash_sha256,
      size_bytes, state, created_at, expires_at, stored_at, work_started_at, processed_at)
    select org_id, id, id, session_id, site_id, 'original', storage_key, 'image/jpeg', size_bytes, hash_sha256, size_bytes,
      'processed', created_at, created_at + interval '15 minutes', created_at + interval '3 seconds',
      created_at + interval '4 seconds', processed_at
    from made`;
}

function eventsSql({ sessions, orgs }: Volume, from: number, to: number): string {
  return `
    insert into events (org_id, id, entity_type, entity_id, type, meta, actor_type, actor_id, reported, occurred_at, created_at)
    select ${sqlId('org', `k % ${orgs}`)}, ${sqlId('event', `k * ${eventsPerSession} + e`)}, 'session', ${sqlId('session', 'k')},
      'capture.frame_queued', '{"attempt": 1}', 'device',
      ${sqlId('device', `k % ${orgs} * ${devicesPerOrg} + k / ${orgs} % ${devicesPerOrg}`)}, true,
      ${startedAt('k', sessions)} + e * interval '1 second', ${startedAt('k', sessions)} + e * interval '1 second'
    from generate_series(${from}, ${to}) k, generate_series(0, ${eventsPerSession - 1}) e`;
}

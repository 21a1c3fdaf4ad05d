import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  DeviceId,
  OrgId,
  type Role,
  SessionId,
  ShotListId,
  SiteId,
  storageKey,
  thumbKey,
  thumbSizes,
  UploadId,
  UserId,
  type UserRole,
} from '@spinbay/contracts';
import pg from 'pg';
import type { TestApi } from '../testing.ts';
import type { Ids } from './sample-requests.ts';

/** An organization with two sites. Every text in its rows is unique. */
export interface Dealer {
  readonly orgId: OrgId;
  readonly name: string;
  /** One row of each kind at each site. */
  readonly north: Ids;
  readonly south: Ids;
  /**
   * Token of a person who may see all sites, or of a device without sites. Addresses the invitations of `north` and `south`
   * to this person.
   */
  token(role: Role): Promise<string>;
  /** Token of a person or device that may see only the northern site. */
  northToken(role: Role): Promise<string>;
  /** Token of a revoked device. */
  revokedToken(): Promise<string>;
  /** Another row of each kind at a site. */
  more(site: 'north' | 'south'): Promise<Ids>;
}

type Row = Record<string, unknown>;

/** Columns with common values, which do not identify a dealer. */
const vocabulary = new Set([
  'organizations.enrolment',
  'organizations.qc_profile',
  'users.role',
  'users.invitation',
  'devices.platform',
  'sessions.mode',
  'sessions.status',
  'sessions.turntable',
  'session_counts.mode',
  'session_counts.status',
  'images.status',
  'images.content_type',
  'uploads.kind',
  'uploads.content_type',
  'uploads.state',
  'renditions.kind',
  'renditions.format',
  'images.shot_name',
  'slots.shot_name',
  'images.captured_by',
  'events.entity_type',
  'events.type',
  'events.actor_type',
  'outbox.type',
  'deletions.kind',
  'deletions.state',
  'qc_rejudgements.profile',
  // JSON from the server: figures and common words.
  'sessions.shot_list',
  'sessions.spin_qc',
  'images.qc',
  'images.colour_grid',
]);

/**
 * Creates a dealer with SQL as superuser, in a few milliseconds.
 * @param twin a dealer of another organization whose rows have the same ids, which are unique only within an organization
 */
export async function makeDealer(api: TestApi, twin?: Dealer): Promise<Dealer> {
  const batch = startBatch(api);
  const { insert } = batch;
  const orgId = OrgId.parse(randomUUID());
  const name = marker('dealer');
  insert('organizations', { id: orgId, name, enrolment: 'open' });
  const shotList = ShotListId.parse(twin?.north.shot_list ?? randomUUID());
  const shots = JSON.stringify([{ name: 'front', label: marker('shot'), required: true }]);
  insert('shot_lists', { org_id: orgId, id: shotList, name: marker('list'), shots });
  insert('session_days', { org_id: orgId, day: '2026-01-01', n: 1 });
  const site = {
    north: SiteId.parse(twin?.north.site ?? randomUUID()),
    south: SiteId.parse(twin?.south.site ?? randomUUID()),
  };
  insert('qc_rejudgements', { org_id: orgId, profile: 'v3', total: 2, finished_at: new Date() });
  for (const id of Object.values(site)) insert('sites', { org_id: orgId, id, name: marker('site') });
  const everywhere = [site.north, site.south];

  const token = async (role: Role, sites: readonly SiteId[], revoked = false) => {
    if (role === 'device') {
      const id = makeDevice(insert, orgId, sites.length < everywhere.length ? sites : [], { revoked });
      await batch.flush();
      return (await api.tokens.forDevice({ id, orgId })).token;
    }
    const id = makeUser(insert, orgId, role, sites);
    await batch.flush();
    if (sites === everywhere)
      await api.database.admin.query(
        'update users set email = (select email from users where id = $1) where id = any ($2)',
        [id, [rows.north.invitation, rows.south.invitation]],
      );
    return (await api.tokens.forUser({ id, orgId, siteIds: sites, role })).token;
  };
  const rows = {
    north: makeRows(insert, orgId, site.north, shotList, twin?.north),
    south: makeRows(insert, orgId, site.south, shotList, twin?.south),
  };
  await batch.flush();
  return {
    orgId,
    name,
    ...rows,
    token: (role) => token(role, everywhere),
    northToken: (role) => token(role, [site.north]),
    revokedToken: () => token('device', everywhere, true),
    more: async (at) => {
      const ids = makeRows(insert, orgId, site[at], shotList);
      await batch.flush();
      return ids;
    },
  };
}

function makeUser(
  insert: Insert,
  orgId: OrgId,
  role: UserRole,
  sites: readonly SiteId[],
  id: string = randomUUID(),
): UserId {
  insert('users', { org_id: orgId, id, email: `${marker('user')}@dealer.test`, name: marker('name'), role });
  for (const site_id of sites) insert('user_site_access', { org_id: orgId, user_id: id, site_id });
  const expires_at = new Date(Date.now() + 3_600_000);
  insert('ended_tokens', { org_id: orgId, user_id: id, token_id: randomUUID(), expires_at });
  insert('exchanged_id_tokens', { org_id: orgId, user_id: id, token_sha256: digest(), expires_at });
  return UserId.parse(id);
}

function makeDevice(
  insert: Insert,
  orgId: OrgId,
  sites: readonly SiteId[],
  { revoked = false, id = randomUUID() as string } = {},
): DeviceId {
  insert('devices', {
    org_id: orgId,
    id,
    platform: 'ios',
    model: marker('model'),
    app_version: marker('version'),
    name: marker('device'),
    secret_sha256: digest(),
    next_secret_sha256: digest(),
    previous_secret_sha256: digest(),
    rotation_nonce: marker('nonce'),
    installation_sha256: digest(),
    revoked_at: revoked ? new Date() : null,
  });
  for (const site_id of sites) insert('device_site_access', { org_id: orgId, device_id: id, site_id });
  return DeviceId.parse(id);
}

function makeRows(insert: Insert, orgId: OrgId, siteId: SiteId, shotList: ShotListId, twin?: Ids): Ids {
  const id = {
    vehicle: twin?.vehicle ?? randomUUID(),
    session: twin?.session ?? randomUUID(),
    image: twin?.image ?? randomUUID(),
    event: twin?.event ?? randomUUID(),
  };
  const code = twin?.enrolment_code ?? randomUUID();
  const user = makeUser(insert, orgId, 'operator', [siteId], twin?.user);
  const device = makeDevice(insert, orgId, [siteId], { id: twin?.device });
  const key = storageKey(
    { orgId, siteId, sessionId: SessionId.parse(id.session), uploadId: UploadId.parse(id.image) },
    'image/jpeg',
  );
  const sha256 = digest();
  insert('vehicles', {
    org_id: orgId,
    id: id.vehicle,
    site_id: siteId,
    vin: vin(),
    stock: marker('stock').toUpperCase(),
  });
  insert('sessions', {
    org_id: orgId,
    id: id.session,
    site_id: siteId,
    vehicle_id: id.vehicle,
    device_id: device,
    mode: 'studio360',
    shot_list: JSON.stringify({ studio360: { frame_count: 24 } }),
  });
  insert('images', {
    org_id: orgId,
    id: id.image,
    site_id: siteId,
    session_id: id.session,
    vehicle_id: id.vehicle,
    angle_deg: 15,
    status: 'processed',
    storage_key: key,
    hash_sha256: sha256,
    phash: marker('phash'),
    size_bytes: 1_000,
    width: 4032,
    height: 3024,
    thumb_keys: JSON.stringify({ 150: thumbKey(key, 150), 600: thumbKey(key, 600), 1200: thumbKey(key, 1200) }),
    exif: JSON.stringify({ ...noExif, make: marker('make'), model: marker('camera') }),
    qc: JSON.stringify({
      sharpness: { score: 500, status: 'pass' },
      exposure: { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 120 },
    }),
    qc_version: 1,
    failure: JSON.stringify({ code: marker('code'), message: marker('failure') }),
    processed_at: new Date(),
    device_id: device,
  });
  insert('session_devices', { org_id: orgId, session_id: id.session, device_id: makeDevice(insert, orgId, [siteId]) });
  insert('uploads', {
    org_id: orgId,
    id: id.image,
    image_id: id.image,
    session_id: id.session,
    site_id: siteId,
    kind: 'original',
    storage_key: key,
    content_type: 'image/jpeg',
    hash_sha256: sha256,
    size_bytes: 1_000,
    state: 'rejected',
    failure: JSON.stringify({ code: marker('code'), message: marker('failure') }),
  });
  for (const size of thumbSizes)
    insert('renditions', {
      org_id: orgId,
      image_id: id.image,
      upload_id: id.image,
      kind: 'thumbnail',
      width: size,
      format: 'jpeg',
      version: 1,
      storage_key: thumbKey(key, size),
    });
  insert('outbox', {
    org_id: orgId,
    xact_id: 1,
    type: 'image.processed',
    site_id: siteId,
    session_id: id.session,
    image_id: id.image,
  });
  insert('events', {
    org_id: orgId,
    id: id.event,
    entity_type: 'image',
    entity_id: id.image,
    type: 'image.processed',
    message: marker('message'),
    meta: JSON.stringify({ words: marker('meta') }),
    actor_type: 'system',
  });
  const deletion = randomUUID();
  insert('deletions', {
    org_id: orgId,
    id: deletion,
    kind: 'session',
    entity_id: randomUUID(),
    site_id: siteId,
    state: 'done',
    erase_after: new Date(),
    next_try_at: new Date(),
  });
  insert('late_photos', { org_id: orgId, id: randomUUID(), deletion_id: deletion });
  insert('enrolment_codes', {
    org_id: orgId,
    id: code,
    handle: marker('handle'),
    secret_sha256: digest(),
    label: marker('label'),
    site_ids: [siteId],
    tries_left: 5,
    expires_at: new Date(Date.now() + 3_600_000),
    created_by: user,
  });
  return {
    organization: orgId,
    site: siteId,
    user,
    device,
    enrolment_code: code,
    invitation: makeInvitation(insert),
    shot_list: shotList,
    ...id,
  };
}

/** An invitation is a row of the organization that invites. */
function makeInvitation(insert: Insert): UserId {
  const orgId = OrgId.parse(randomUUID());
  insert('organizations', { id: orgId, name: marker('host') });
  return makeUser(insert, orgId, 'operator', []);
}

const noExif = { iso: 100, shutter_s: 0.01, aperture_f: 8, focal_length_mm: 50, taken_at: null, orientation: 1 };

type Insert = (table: string, row: Row) => void;

/** Collects rows and sends them in one round trip. */
function startBatch(api: TestApi): { insert: Insert; flush(): Promise<void> } {
  let statements: string[] = [];
  return {
    insert: (table, row) => {
      const values = Object.values(row).map(literal);
      // The triggers that count sessions work only within the tenant, even for a superuser.
      if (table === 'sessions') statements.push(`select set_config('app.org_id', ${literal(row.org_id)}, true)`);
      statements.push(`insert into ${table} (${Object.keys(row).join(', ')}) values (${values.join(', ')})`);
    },
    flush: async () => {
      const sent = statements.join(';');
      statements = [];
      await api.database.admin.query(sent);
    },
  };
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array[${value.map(literal).join(', ')}]::uuid[]`;
  return pg.escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
}

function marker(what: string): string {
  return `${what}-${randomBytes(6).toString('hex')}`;
}

function digest(): string {
  return createHash('sha256').update(randomBytes(16)).digest('hex');
}

function vin(): string {
  return `1HG${randomBytes(7).toString('hex').toUpperCase()}`;
}

export interface StoredRow {
  readonly table: string;
  readonly row: Row;
  /** The table and the row as text, for comparisons and searches. */
  readonly text: string;
}

/** Every row of an organization. */
export async function rowsOf(api: TestApi, orgId: string): Promise<StoredRow[]> {
  const tables = await tenantTables(api);
  const parts = tables.map(
    ({ name, column }) => `select '${name}' as name, to_jsonb(t)::text as row from ${name} t where ${column} = $1`,
  );
  const { rows } = await api.database.admin.query<{ name: string; row: string }>(parts.join(' union all '), [orgId]);
  return rows
    .map(({ name, row }) => ({ table: name, row: JSON.parse(row) as Row, text: `${name} ${row}` }))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

/** All unique texts in the rows. Digests are also returned in the form of upload headers. */
export function textsIn(rows: readonly Pick<StoredRow, 'table' | 'row'>[]): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown) => {
    if (typeof value === 'string' && value.length >= 6) found.add(value);
    if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value))
      found.add(Buffer.from(value, 'hex').toString('base64'));
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  for (const { table, row } of rows)
    for (const [column, value] of Object.entries(row)) if (!vocabulary.has(`${table}.${column}`)) visit(value);
  return found;
}

/**
 * Finds tables and columns that are empty or have no unique text, so that a leak would not be detected.
 * @returns sentences that say what to do; empty if everything is covered
 */
export async function gapsOf(api: TestApi, dealer: Dealer, others: readonly Dealer[]): Promise<string[]> {
  const rows = await rowsOf(api, dealer.orgId);
  const elsewhere = new Set<string>();
  for (const other of others) for (const text of textsIn(await rowsOf(api, other.orgId))) elsewhere.add(text);
  const { rows: columns } = await api.database.admin.query<{ table: string; column: string }>(
    `select c.table_name as table, c.column_name as column from information_schema.columns c
     join information_schema.columns o on o.table_schema = 'public' and o.table_name = c.table_name
       and o.column_name = case c.table_name when 'organizations' then 'id' else 'org_id' end
     where c.table_schema = 'public' and c.udt_name in ('text', 'varchar', 'jsonb', 'json', '_text', 'bytea', 'citext')`,
  );
  const gaps = [];
  for (const { name } of await tenantTables(api)) {
    if (!rows.some(({ table }) => table === name))
      gaps.push(`Let a dealer of apps/api/src/testing/dealers.ts have a row of ${name}.`);
  }
  for (const { table, column } of columns) {
    const own = rows.filter((row) => row.table === table).map(({ row }) => ({ table, row: { [column]: row[column] } }));
    const unique = [...textsIn(own)].some((text) => !elsewhere.has(text));
    if (!unique && !vocabulary.has(`${table}.${column}`))
      gaps.push(
        `Let a dealer of apps/api/src/testing/dealers.ts have a text of its own in ${table}.${column}, or put the column in its \`vocabulary\`.`,
      );
  }
  return gaps;
}

async function tenantTables(api: TestApi): Promise<{ name: string; column: string }[]> {
  const { rows } = await api.database.admin.query<{ name: string; column: string }>(
    `select c.relname as name, case c.relname when 'organizations' then 'id' else 'org_id' end as column
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and (c.relname = 'organizations'
       or exists (select from pg_attribute where attrelid = c.oid and attname = 'org_id' and not attisdropped)) order by 1`,
  );
  return rows;
}

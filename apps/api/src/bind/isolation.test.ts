import { ApiError, type Client } from '@spinbay/client';
import { type ImageId, type RouteName, type Routes, routes, type Session, type SiteId } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { photo, startSpin, startTestApi, type TestApi, type TestOrg, upload } from '../testing.ts';

/** What somebody else owns: one session with one frame, in the second site of its organization. */
interface Victim {
  org: TestOrg;
  siteId: SiteId;
  session: Session;
  imageId: ImageId;
}

/** Those of an administrator are about his own organization, whatever sites he may see: their isolation is tested beside them. */
type ScopedRoute = Exclude<RouteName, 'authDevice' | 'authLogin' | AdminRoute>;
type AdminRoute = {
  [N in RouteName]: Routes[N]['access'] extends readonly ['admin'] ? N : never;
}[RouteName];

/** Each route, called with the ids of the victim; a route that is missing here does not compile. */
const calls: Record<ScopedRoute, (client: Client, victim: Victim) => Promise<unknown>> = {
  createSession: (client, { siteId }) =>
    client.createSession({ body: { site_id: siteId, vehicle: { stock: 'MINE' }, mode: 'studio360' } }),
  getSession: (client, { session }) => client.getSession({ params: { session_id: session.id } }),
  updateSession: (client, { session }) =>
    client.updateSession({ params: { session_id: session.id }, body: { status: 'abandoned' } }),
  listSessions: async (client, { siteId, session }) => [
    ...(await client.listSessions()).body.items.filter((item) => item.id === session.id),
    ...(await client.listSessions({ query: { site_id: siteId } })).body.items,
    ...(await client.listSessions({ query: { vehicle_id: session.vehicle.id } })).body.items,
  ],
  listSites: async (client, { siteId }) => (await client.listSites()).body.items.filter((site) => site.id === siteId),
  presignImage: (client, { session }) =>
    client.presignImage({
      body: {
        session_id: session.id,
        file_name: 'angle_000.jpg',
        content_type: 'image/jpeg',
        content_sha256: photo().sha256,
      },
    }),
  presignImages: (client, { session }) =>
    client.presignImages({
      body: {
        session_id: session.id,
        frames: [{ file_name: 'angle_000.jpg', content_type: 'image/jpeg', content_sha256: photo().sha256 }],
      },
    }),
  listImages: (client, { session }) => client.listImages({ query: { session_id: session.id } }),
  publishImage: (client, { imageId }) => client.publishImage({ params: { image_id: imageId } }),
  getPromise: async (client, { siteId }) => {
    const { body } = await client.getPromise({ query: { site_id: siteId } });
    return [...body.days, ...body.slowest];
  },
  unpublishImage: (client, { imageId }) => client.unpublishImage({ params: { image_id: imageId } }),
  publishSession: (client, { session }) => client.publishSession({ params: { session_id: session.id } }),
  // Whoever reports about somebody else's image reports into an organization of one's own.
  createEvents: async (client, { imageId }) => {
    await client.createEvents({ body: { entity_type: 'image', entity_id: imageId, type: 'image.seen' } });
    return [];
  },
};

const notThere: Record<ScopedRoute, string> = {
  createSession: '404 site_not_found',
  getSession: '404 session_not_found',
  updateSession: '404 session_not_found',
  listSessions: '[]',
  listSites: '[]',
  presignImage: '404 session_not_found',
  presignImages: '404 session_not_found',
  listImages: '404 session_not_found',
  publishImage: '404 image_not_found',
  unpublishImage: '404 image_not_found',
  publishSession: '404 session_not_found',
  createEvents: '[]',
  getPromise: '[]',
};

const names = Object.keys(calls) as ScopedRoute[];

let api: TestApi;
let victim: Victim;
let owner: Client;
let stranger: TestOrg;
const attackers: Record<string, Client> = {};

beforeAll(async () => {
  api = await startTestApi();
  const org = await api.makeOrg();
  stranger = await api.makeOrg();
  owner = await api.device(org);
  const [, siteId = org.siteIds[0]] = org.siteIds;
  const session = await startSpin(owner, siteId, 'VICTIM');
  const { image_id } = await upload(owner, session.id, 0);
  await api.database.admin.query(`update images set status = 'processed' where id = $1`, [image_id]);
  victim = { org, siteId, session, imageId: image_id };
  attackers['a device of another organization'] = await api.device(stranger);
  attackers['the admin of another organization'] = await api.as(stranger, 'admin');
  attackers['the admin of another site'] = await api.as(org, 'admin');
});
afterAll(() => api?.stop());

async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await call);
  } catch (error) {
    if (error instanceof ApiError) return `${error.status} ${error.code}`;
    throw error;
  }
}

/** Everything of the victim's organization, byte for byte. */
async function everything(): Promise<string> {
  const tables = [
    'organizations',
    'sites',
    'users',
    'user_site_access',
    'devices',
    'vehicles',
    'sessions',
    'images',
    'events',
  ];
  const parts = tables.map((table) => {
    const org = table === 'organizations' ? 'id' : 'org_id';
    // What a client of the organization reports is its word, kept apart from what the server saw.
    const seen = table === 'events' ? 'and not reported' : '';
    return `select '${table}' || string_agg(t::text, ',' order by t::text) as rows from ${table} t where ${org} = '${victim.org.orgId}' ${seen}`;
  });
  const { rows } = await api.database.admin.query(parts.join(' union all '));
  return JSON.stringify(rows);
}

test('the calls of this test work for the owner', async () => {
  const { session } = victim;
  expect(JSON.parse(await outcome(calls.getSession(owner, victim)))).toMatchObject({ body: { id: session.id } });
  expect(JSON.parse(await outcome(calls.listSessions(owner, victim)))).toHaveLength(3);
  expect(JSON.parse(await outcome(calls.listSites(owner, victim)))).toHaveLength(1);
  expect(JSON.parse(await outcome(calls.listImages(owner, victim)))).toMatchObject({ body: { total: 1 } });
});

describe.each(['a device of another organization', 'the admin of another organization', 'the admin of another site'])(
  '%s',
  (name) => {
    test.each(names)('%s: it is as if it were not there, and nothing changes', async (route) => {
      const attacker = attackers[name] ?? api.client();
      const before = await everything();
      const forbidden = name.startsWith('a device') && !routes[route].access.includes('device' as never);
      expect(await outcome(calls[route](attacker, victim))).toBe(forbidden ? '403 forbidden' : notThere[route]);
      expect(await everything()).toBe(before);
    });
  },
);

test.each(names)('nobody: %s wants a token', async (route) => {
  expect(await outcome(calls[route](api.client(), victim))).toBe('401 unauthenticated');
});

test('who knows the ETag of a gallery does not learn whether it changed', async () => {
  const query = { session_id: victim.session.id };
  const { headers } = await owner.listImages({ query });
  const call = { headers: { 'if-none-match': headers.etag ?? '' } };
  expect(await outcome(owner.listImages({ query }, call))).toContain('"status":304');
  for (const attacker of Object.values(attackers))
    expect(await outcome(attacker.listImages({ query }, call))).toBe('404 session_not_found');
});

test('the victim’s ids, used as new ones in one’s own organization, stay apart', async () => {
  const before = await everything();
  const attacker = attackers['a device of another organization'] ?? api.client();
  const { body: session } = await attacker.createSession({
    body: { id: victim.session.id, site_id: stranger.siteIds[0], vehicle: { stock: 'VICTIM' }, mode: 'studio360' },
  });
  expect(session.vehicle.id).not.toBe(victim.session.vehicle.id);
  const { body: image } = await attacker.presignImage({
    body: {
      session_id: session.id,
      image_id: victim.imageId,
      file_name: 'angle_000.jpg',
      content_type: 'image/jpeg',
      content_sha256: photo().sha256,
    },
  });
  expect(image.storage_key).toContain(`org/${stranger.orgId}/`);
  expect(await everything()).toBe(before);
});

test('a token of one organization with the id of another is nobody’s', async () => {
  const { token } = await api.device(stranger);
  const [head, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, org_id: victim.org.orgId })).toString('base64url');
  expect(await outcome(calls.listSessions(api.client(`${head}.${forged}.${signature}`), victim))).toBe(
    '401 unauthenticated',
  );
});

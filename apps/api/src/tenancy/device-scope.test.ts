import { randomUUID } from 'node:crypto';
import type { Client } from '@spinbay/client';
import { ImageId, SessionId, type SiteId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  complete,
  frame,
  photo,
  refusal,
  startSpin,
  startTestApi,
  type TestApi,
  type TestOrg,
  upload,
} from '../testing.ts';

/** A device may read the active sessions of its sites, and what it shot itself. */

let api: TestApi;
let org: TestOrg;
let reviewer: Client;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  reviewer = await api.as(org, 'reviewer');
});
afterAll(() => api?.stop());

async function deviceOf(...sites: SiteId[]) {
  const device = await api.device(org);
  for (const site of sites)
    await api.database.admin.query('insert into device_site_access (org_id, device_id, site_id) values ($1, $2, $3)', [
      org.orgId,
      device.deviceId,
      site,
    ]);
  return device;
}

const newStock = () => `S-${randomUUID()}`.toUpperCase();
const end = (client: Client, id: string, status: 'completed' | 'abandoned' = 'completed') =>
  client.updateSession({ params: { session_id: SessionId.parse(id) }, body: { status } });
const listed = async (client: Client, query: object = {}) =>
  (await client.listSessions({ query })).body.items.map(({ id }) => id as string);
const framesFor = async (client: Client, id: string) =>
  (
    await client.listImages({ query: { session_id: SessionId.parse(id), superseded: 'true', limit: 200 } })
  ).body?.items.map((image) => image.angle_deg);

/** The results of all ways to read a session. */
async function reads(client: Client, id: string): Promise<string[]> {
  const session_id = SessionId.parse(id);
  return [
    await refusal(client.getSession({ params: { session_id } })),
    await refusal(client.listImages({ query: { session_id } })),
    (await listed(client)).includes(id) ? 'listed' : 'not listed',
  ];
}
const nothing = ['404 session_not_found', '404 session_not_found', 'not listed'];
const all = ['no error', 'no error', 'listed'];

test('a device reads an active session of its site, but not one of another site or a finished one', async () => {
  const [north, south = north] = org.siteIds;
  const [shooting, colleague, elsewhere] = [await deviceOf(), await deviceOf(north), await deviceOf(south)];
  const session = await startSpin(shooting, north, newStock());
  await upload(shooting, session.id, 15);
  expect(await reads(colleague, session.id)).toEqual(all);
  expect(await framesFor(colleague, session.id)).toEqual([15]);
  expect(await reads(elsewhere, session.id)).toEqual(nothing);
  await end(shooting, session.id);
  expect(await reads(colleague, session.id)).toEqual(nothing);
  expect(await refusal(end(colleague, session.id, 'abandoned'))).toBe('404 session_not_found');
  expect(await refusal(colleague.presignImage({ body: frame(session.id) }))).toBe('404 session_not_found');
});

test('a device without sites reads only what it shot', async () => {
  const [shooting, other] = [await deviceOf(), await deviceOf()];
  const stock = newStock();
  const session = await startSpin(shooting, org.siteIds[0], stock);
  await upload(shooting, session.id, 15);
  expect(await reads(shooting, session.id)).toEqual(all);
  expect(await reads(other, session.id)).toEqual(nothing);
  for (const query of [
    { q: stock },
    { vehicle_id: session.vehicle.id },
    { site_id: org.siteIds[0] },
    { status: 'active' as const },
  ])
    expect((await other.listSessions({ query })).body).toMatchObject({ items: [], next_cursor: null });
  expect((await other.listSessions({})).body.total).toBe(0);
  expect(await refusal(end(other, session.id))).toBe('404 session_not_found');
});

test('a device continues an open session of another phone at its site, and keeps seeing its own frames', async () => {
  const [north] = org.siteIds;
  const [first, second] = [await deviceOf(north), await deviceOf(north)];
  const stock = newStock();
  const session = await startSpin(first, north, stock);
  await upload(first, session.id, 0);
  expect(await listed(second, { site_id: north, status: 'active', mode: 'studio360', q: stock })).toEqual([session.id]);
  const own = await upload(second, session.id, 15);
  expect(await framesFor(second, session.id)).toEqual([0, 15]);
  await complete(api.database, own.storage_key);
  await end(first, session.id);
  expect(await framesFor(second, session.id)).toEqual([15]);
  expect(await framesFor(first, session.id)).toEqual([0, 15]);
  const kept = (await second.getSession({ params: { session_id: SessionId.parse(session.id) } })).body;
  expect([kept.status, kept.cover?.image_id]).toEqual(['completed', own.image_id]);
  const { body } = await second.confirmUpload({ params: { image_id: ImageId.parse(own.image_id) }, body: {} });
  expect(body.image_id).toBe(own.image_id);
});

test('the cover for a device is never a picture of another device in a finished session', async () => {
  const [north] = org.siteIds;
  const [first, second] = [await deviceOf(north), await deviceOf(north)];
  const session = await startSpin(first, north, newStock());
  const theirs = await upload(first, session.id, 0);
  await complete(api.database, theirs.storage_key);
  await upload(second, session.id, 15);
  await end(first, session.id);
  const session_id = SessionId.parse(session.id);
  expect((await second.getSession({ params: { session_id } })).body.cover).toBeNull();
  expect((await reviewer.getSession({ params: { session_id } })).body.cover?.image_id).toBe(theirs.image_id);
  expect(await refusal(second.confirmUpload({ params: { image_id: ImageId.parse(theirs.image_id) }, body: {} }))).toBe(
    '404 image_not_found',
  );
});

test('a phone that joined a session can send its photos after somebody completed it', async () => {
  const [north] = org.siteIds;
  const [first, second] = [await deviceOf(north), await deviceOf(north)];
  const stock = newStock();
  const session = await startSpin(first, north, stock);
  const { body } = await second.createSession({
    body: { id: SessionId.parse(session.id), site_id: north, vehicle: { stock }, mode: 'studio360' },
  });
  expect(body.id).toBe(session.id);
  await end(first, session.id);
  // This is what the outbox of a phone does: it learns that the session has ended, reopens it and sends the frame.
  expect(await refusal(second.presignImage({ body: frame(session.id) }))).toBe('409 session_not_active');
  const params = { session_id: SessionId.parse(session.id) };
  expect((await second.getSession({ params })).body.status).toBe('completed');
  await second.updateSession({ params, body: { status: 'active' } });
  await upload(second, session.id, 15);
});

test('a device without sites can work in an active session whose id it has, and reads only its own frames there', async () => {
  const session = await startSpin(reviewer, org.siteIds[0], newStock());
  await upload(reviewer, session.id, 0);
  const device = await deviceOf();
  await upload(device, session.id, 15);
  expect(await framesFor(device, session.id)).toEqual([15]);
  await end(device, session.id);
  expect(await framesFor(reviewer, session.id)).toEqual([0, 15]);
  // The ended session accepts no new frame.
  const { sha256 } = photo();
  expect(await refusal(device.presignImage({ body: frame(session.id, sha256) }))).toBe('409 session_not_active');
});

test('a frame from before devices were recorded is visible to the creator of its session, and to no other device after the end', async () => {
  const [north] = org.siteIds;
  const [first, second] = [await deviceOf(north), await deviceOf(north)];
  const session = await startSpin(first, north, newStock());
  await upload(first, session.id, 0);
  await upload(second, session.id, 15);
  await api.database.admin.query('update images set device_id = null where session_id = $1', [session.id]);
  expect(await framesFor(second, session.id)).toEqual([0, 15]);
  await end(first, session.id);
  expect(await framesFor(second, session.id)).toEqual([]);
  expect(await framesFor(first, session.id)).toEqual([0, 15]);
});

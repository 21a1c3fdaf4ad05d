import { randomUUID } from 'node:crypto';
import type { Client } from '@spinbay/client';
import { maxShotLists, ShotListId } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { refusal, startTestApi, type TestApi } from '../../testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

const shots = [
  { name: 'front', required: true },
  { name: 'kofferraum', label: 'Kofferraum geöffnet', required: false },
];

test('an administrator makes a shot list, which every device and person of the organization reads, and nobody else', async () => {
  const [org, other] = [await api.makeOrg(), await api.makeOrg()];
  const admin = await api.as(org, 'admin');
  const { body: vans } = await admin.createShotList({ body: { name: ' Vans ', shots } });
  expect(vans).toMatchObject({ name: 'Vans', shots, version: 1 });
  const { body: bikes } = await admin.createShotList({ body: { name: 'Bikes', shots: [{ name: 'left' }] } });
  expect(bikes.shots).toEqual([{ name: 'left', required: true }]);
  for (const reader of [await api.device(org), await api.as(org, 'operator'), admin])
    expect((await reader.listShotLists()).body.items).toEqual([bikes, vans]);
  expect((await (await api.device(other)).listShotLists()).body.items).toEqual([]);
});

test('only an administrator changes shot lists', async () => {
  const org = await api.makeOrg();
  const admin = await api.as(org, 'admin');
  const { body: list } = await admin.createShotList({ body: { name: 'Vans', shots } });
  const params = { shot_list_id: list.id };
  for (const client of [await api.device(org), await api.as(org, 'operator'), await api.as(org, 'reviewer')]) {
    expect(await refusal(client.createShotList({ body: { name: 'Own', shots } }))).toBe('403 forbidden');
    expect(await refusal(client.replaceShotList({ params, body: { name: 'Own', shots, version: 1 } }))).toBe(
      '403 forbidden',
    );
    expect(await refusal(client.deleteShotList({ params }))).toBe('403 forbidden');
  }
  expect((await admin.listShotLists()).body.items).toEqual([list]);
});

test('a shot list is replaced by whoever has read its latest version, and each name exists once', async () => {
  const admin = await api.as(await api.makeOrg(), 'admin');
  const { body: vans } = await admin.createShotList({ body: { name: 'Vans', shots } });
  await admin.createShotList({ body: { name: 'Bikes', shots } });
  expect(await refusal(admin.createShotList({ body: { name: 'Vans', shots } }))).toBe('409 shot_list_name_taken');
  const replace = (version: number, name: string, wanted = shots) =>
    admin.replaceShotList({ params: { shot_list_id: vans.id }, body: { name, shots: wanted, version } });
  expect(await refusal(replace(1, 'Bikes'))).toBe('409 shot_list_name_taken');
  const { body: replaced } = await replace(1, 'Large vans', shots.toReversed());
  expect(replaced).toEqual({
    ...vans,
    name: 'Large vans',
    shots: shots.toReversed(),
    version: 2,
    updated_at: expect.any(String),
  });
  expect(await refusal(replace(1, 'Vans'))).toBe('409 shot_list_changed');
  expect((await admin.listShotLists()).body.items.find(({ id }) => id === vans.id)).toEqual(replaced);
  const racing = await Promise.all(['A', 'B', 'C'].map((name) => refusal(replace(2, name))));
  expect(racing.sort()).toEqual(['409 shot_list_changed', '409 shot_list_changed', 'no error']);
});

test('a deleted shot list is gone, its name is free, and the audit log has its history', async () => {
  const admin = await api.as(await api.makeOrg(), 'admin');
  const { body: vans } = await admin.createShotList({ body: { name: 'Vans', shots } });
  const params = { shot_list_id: vans.id };
  await admin.replaceShotList({ params, body: { name: 'Trucks', shots: shots.slice(0, 1), version: 1 } });
  await admin.deleteShotList({ params });
  expect(await refusal(admin.deleteShotList({ params }))).toBe('404 shot_list_not_found');
  const body = { name: 'Vans', shots, version: 1 };
  expect(await refusal(admin.replaceShotList({ params, body }))).toBe('404 shot_list_not_found');
  const unknown = { shot_list_id: ShotListId.parse(randomUUID()) };
  expect(await refusal(admin.replaceShotList({ params: unknown, body }))).toBe('404 shot_list_not_found');
  await admin.createShotList({ body: { name: 'Trucks', shots } });
  const audit = await admin.listEvents({ query: { entity_type: 'shot_list', entity_id: vans.id } });
  expect(audit.body.items.reverse().map(({ type, meta, actor }) => [type, meta, actor.type])).toEqual([
    ['shot_list.created', { name: 'Vans', shots: 2 }, 'user'],
    ['shot_list.changed', { name: { from: 'Vans', to: 'Trucks' }, shots: { from: 2, to: 1 } }, 'user'],
    ['shot_list.deleted', { name: 'Trucks' }, 'user'],
  ]);
});

test(`an organization has at most ${maxShotLists} shot lists`, async () => {
  const admin = await api.as(await api.makeOrg(), 'admin');
  const make = (k: number) => refusal(admin.createShotList({ body: { name: `List ${k}`, shots } }));
  for (let k = 0; k < maxShotLists - 1; k++) expect(await make(k)).toBe('no error');
  // Two at the same time do not exceed the limit.
  const racing = await Promise.all([make(maxShotLists - 1), make(maxShotLists)]);
  expect(racing.sort()).toEqual(['409 shot_list_limit_reached', 'no error']);
  const { items } = (await admin.listShotLists()).body;
  expect(items).toHaveLength(maxShotLists);
  const [{ id: shot_list_id } = { id: ShotListId.parse(randomUUID()) }] = items;
  await admin.deleteShotList({ params: { shot_list_id } });
  expect(await make(maxShotLists + 1)).toBe('no error');
});

describe('a shot list is refused', () => {
  let admin: Client;
  beforeAll(async () => {
    admin = await api.as(await api.makeOrg(), 'admin');
  });
  const named = (n: number) => Array.from({ length: n }, (_, k) => ({ name: `s${k}` }));
  test.each([
    ['without shots', { name: 'Vans', shots: [] }],
    ['with 201 shots', { name: 'Vans', shots: named(201) }],
    ['with a shot twice', { name: 'Vans', shots: [{ name: 'front' }, { name: 'front' }] }],
    ['with an empty label', { name: 'Vans', shots: [{ name: 'front', label: ' ' }] }],
    ['with a label of 61 characters', { name: 'Vans', shots: [{ name: 'front', label: 'x'.repeat(61) }] }],
    ['with a label that cannot be displayed', { name: 'Vans', shots: [{ name: 'front', label: 'a\u0000' }] }],
    ['without a name', { name: ' ', shots: named(1) }],
    ['with a name of 101 characters', { name: 'x'.repeat(101), shots: named(1) }],
  ])('%s', async (_, body) => {
    expect(await refusal(admin.createShotList({ body }))).toBe('400 validation_failed');
  });
});

test('the longest list of 200 shots is saved and shot, and a session keeps its shots when the list changes', async () => {
  const org = await api.makeOrg();
  const [admin, device] = [await api.as(org, 'admin'), await api.device(org)];
  // The characters that are longest in UTF-8.
  const longest = Array.from({ length: 200 }, (_, k) => ({
    name: `${'x'.repeat(60)}_${k}`,
    label: '車'.repeat(60),
    required: false,
  }));
  const { body: list } = await admin.createShotList({ body: { name: 'Everything', shots: longest } });
  const { body: session } = await device.createSession({
    body: {
      site_id: org.siteIds[0],
      vehicle: { stock: 'LONG' },
      mode: 'stills',
      shot_list: { stills: [...list.shots] },
    },
  });
  expect(session.shot_list).toEqual({ stills: longest });
  expect(session.frames.expected).toBe(200);
  const params = { shot_list_id: list.id };
  await admin.replaceShotList({ params, body: { name: 'Everything', shots, version: 1 } });
  await admin.deleteShotList({ params });
  const kept = await device.getSession({ params: { session_id: session.id } });
  expect(kept.body.shot_list).toEqual({ stills: longest });
});

test('a shot list that is deleted while it is replaced is not found', async () => {
  const admin = await api.as(await api.makeOrg(), 'admin');
  const { body: list } = await admin.createShotList({ body: { name: 'Vans', shots } });
  const other = await api.database.admin.connect();
  await other.query('begin');
  await other.query('delete from shot_lists where id = $1', [list.id]);
  const replaced = refusal(
    admin.replaceShotList({ params: { shot_list_id: list.id }, body: { name: 'Vans', shots, version: 1 } }),
  );
  const isWaiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await vi.waitUntil(async () => (await api.database.admin.query(isWaiting)).rows.length > 0, { timeout: 30_000 });
  await other.query('commit');
  other.release();
  expect(await replaced).toBe('404 shot_list_not_found');
});

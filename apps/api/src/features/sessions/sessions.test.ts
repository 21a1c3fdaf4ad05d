import { randomUUID } from 'node:crypto';
import type { Client } from '@spinbay/client';
import { type Session, SessionId, SiteId, VehicleId } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complete, refusal, startSpin, startTestApi, type TestApi, type TestOrg, upload } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let device: Client & { deviceId: string };
let operator: Client;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  device = await api.device(org);
  operator = await api.as(org, 'operator');
});
afterAll(() => api?.stop());

const idsOf = (items: Session[]) => items.map((session) => session.id);
const stock = () => `S-${randomUUID()}`.toUpperCase();

describe('POST /sessions', () => {
  const create = (over: object = {}, by: Client = device) =>
    by.createSession({ body: { site_id: org.siteIds[0], vehicle: { stock: stock() }, mode: 'studio360', ...over } });

  test('starts an active session with its vehicle, site and operator', async () => {
    const vin = '1HGCM82633A004352';
    const reply = await create({ vehicle: { stock: ' a-17 ', vin: vin.toLowerCase() } });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      site_id: org.siteIds[0],
      site_name: 'North',
      vehicle: { stock: 'A-17', vin, warnings: [] },
      mode: 'studio360',
      status: 'active',
      shot_list: { studio360: { frame_count: 24 } },
      turntable: 'clockwise',
      operator: { type: 'device', id: device.deviceId, name: 'iPhone 17' },
      completed_at: null,
      abandoned_at: null,
      frames: { expected: 24, pending: 0, processed: 0, failed: 0, published: 0, expired: 0, warned: 0 },
      last_frame_at: null,
      cover: null,
      spin_qc: null,
    });
  });

  test('a person’s session has the name of the person; stills have their preset', async () => {
    const { body } = await create({ mode: 'stills' }, operator);
    expect(body.operator).toMatchObject({ type: 'user', name: 'operator' });
    expect(body.shot_list.stills?.length).toBe(body.frames.expected);
  });

  test('a custom shot list is stored', async () => {
    const shot_list = { stills: [{ name: 'odometer' }, { name: 'boot', required: false }] };
    const { body } = await create({ mode: 'stills', shot_list });
    expect(body.shot_list).toEqual({
      stills: [
        { name: 'odometer', required: true },
        { name: 'boot', required: false },
      ],
    });
  });

  test('the direction of the turntable is stored', async () => {
    const { body } = await create({ turntable: 'counterclockwise' });
    expect(body.turntable).toBe('counterclockwise');
    const again = await device.getSession({ params: { session_id: body.id } });
    expect(again.body.turntable).toBe('counterclockwise');
    const { items } = (await device.listSessions({ query: { vehicle_id: body.vehicle.id } })).body;
    expect(items.map(({ turntable }) => turntable)).toEqual(['counterclockwise']);
    expect(await refusal(create({ turntable: 'left' }))).toBe('400 validation_failed');
  });

  test('a repeated request creates no second session', async () => {
    const id = randomUUID();
    const vehicle = { stock: stock() };
    const first = await create({ id, vehicle });
    const again = await create({ id, vehicle });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    const both = randomUUID();
    const twice = await Promise.all([create({ id: both, vehicle }), create({ id: both, vehicle })]);
    expect(twice.map((reply) => reply.status).sort()).toEqual([200, 201]);
    // The same id with other content.
    expect(await refusal(create({ id }))).toBe('409 session_conflict');
    expect(await refusal(create({ id, vehicle, mode: 'stills' }))).toBe('409 session_conflict');
  });

  test('a vehicle is found by VIN or stock number, and the missing number is added', async () => {
    const vehicle = { stock: stock() };
    const vin = '5YJ3E1EA2KF317000';
    const first = (await create({ vehicle })).body.vehicle;
    const again = (await create({ vehicle: { stock: vehicle.stock.toLowerCase(), vin } })).body.vehicle;
    expect(again).toEqual({ ...first, vin });
    expect((await create({ vehicle: { vin } })).body.vehicle).toEqual(again);
    const other = (await create()).body.vehicle;
    expect(other.id).not.toBe(first.id);
    expect(await refusal(create({ vehicle: { vin, stock: other.stock } }))).toBe('409 vehicle_conflict');
    expect(await refusal(create({ vehicle: { ...vehicle, vin: '1HGCM82633A004353' } }))).toBe('409 vehicle_conflict');
  });

  test('a stock number is found in any spelling', async () => {
    const first = (await create({ vehicle: { stock: 'k  9   x' } })).body.vehicle;
    expect((await create({ vehicle: { stock: ' K 9 X ' } })).body.vehicle).toEqual({ ...first, stock: 'K 9 X' });
  });

  test('a VIN with a wrong check digit is accepted, with a warning in every reply', async () => {
    const { body, status } = await create({ vehicle: { vin: '1HGCM82643A004399' } });
    expect(status).toBe(201);
    expect(body.vehicle.warnings).toMatchObject([{ code: 'vin_check_digit' }]);
    const params = { session_id: body.id };
    expect((await device.getSession({ params })).body.vehicle).toEqual(body.vehicle);
    expect((await device.updateSession({ params, body: { status: 'completed' } })).body.vehicle).toEqual(body.vehicle);
    const { items } = (await device.listSessions({ query: { vehicle_id: body.vehicle.id } })).body;
    expect(items.map((session) => session.vehicle)).toEqual([body.vehicle]);
  });

  test('eight concurrent requests create one vehicle', async () => {
    const vehicle = { stock: stock() };
    const made = await Promise.all(Array.from({ length: 8 }, () => create({ vehicle })));
    expect(new Set(made.map(({ body }) => body.vehicle.id)).size).toBe(1);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(8);
  });

  test('a site that does not exist or is not accessible is not found', async () => {
    expect(await refusal(create({ site_id: randomUUID() }))).toBe('404 site_not_found');
    expect(await refusal(create({ site_id: org.siteIds[1] }, operator))).toBe('404 site_not_found');
    expect(await refusal(create({ site_id: org.siteIds[1] }))).toBe('no error');
    const other = await api.makeOrg();
    expect(await refusal(create({ site_id: other.siteIds[0] }))).toBe('404 site_not_found');
  });

  test.each([
    ['no vehicle', { vehicle: {} }, 'body.vehicle'],
    ['a VIN with an O', { vehicle: { vin: '1HGCM82633A0O4352' } }, 'body.vehicle.vin'],
    ['a stock number that cannot be stored', { vehicle: { stock: 'a\u0000' } }, 'body.vehicle.stock'],
    ['an unknown mode', { mode: 'walk360' }, 'body.mode'],
    [
      'a spin that does not divide 360',
      { shot_list: { studio360: { frame_count: 7 } } },
      'body.shot_list.studio360.frame_count',
    ],
    ['the shot list of another mode', { shot_list: { stills: [{ name: 'front' }] } }, 'body.shot_list'],
    ['a site that is not an id', { site_id: 'north' }, 'body.site_id'],
  ])('400 for %s', async (_, over, path) => {
    const error = await create(over).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(error).toHaveProperty('fields.0.path', path);
  });
});

describe('PATCH /sessions/{id}', () => {
  const change = (id: Session['id'], body: object, by: Client = device) =>
    by.updateSession({ params: { session_id: id }, body: body as { status: 'active' } });

  test('completes, and reopens', async () => {
    const { id } = await startSpin(device, org.siteIds[0], stock());
    const completed = (await change(id, { status: 'completed' })).body;
    expect(completed).toMatchObject({ id, status: 'completed', completed_at: expect.any(String), abandoned_at: null });
    expect((await change(id, { status: 'completed' })).body).toEqual(completed);
    const reopened = (await change(id, { status: 'active' })).body;
    expect(reopened).toMatchObject({ status: 'active', completed_at: null });
  });

  test('a second request with another time corrects it, which is recorded; with the same time it changes nothing', async () => {
    const { id } = await startSpin(device, org.siteIds[0], stock());
    for (const [status, field, undone] of [
      ['completed', 'completed_at', 'abandoned_at'],
      ['abandoned', 'abandoned_at', 'completed_at'],
    ] as const) {
      await change(id, { status, [field]: '2026-05-04T09:30:00.000Z' });
      const corrected = { status, [field]: '2026-05-04T09:31:00.000Z' };
      for (const _ of [1, 2])
        expect((await change(id, corrected)).body).toMatchObject({ ...corrected, [undone]: null });
      const { rows } = await api.database.admin.query(
        `select meta from events where entity_id = $1 and type = 'session.time_corrected' order by id desc`,
        [id],
      );
      expect(rows[0].meta).toEqual({ [field]: { from: '2026-05-04T09:30:00.000Z', to: '2026-05-04T09:31:00.000Z' } });
      expect(rows).toHaveLength(status === 'completed' ? 1 : 2);
      await change(id, { status: 'active' });
    }
  });

  test('uses the time of the phone, in any time zone', async () => {
    const { id } = await startSpin(device, org.siteIds[0], stock());
    const at = { status: 'abandoned', abandoned_at: '2026-05-04T09:30:00+02:00' };
    expect((await change(id, at)).body).toMatchObject({
      status: 'abandoned',
      abandoned_at: '2026-05-04T07:30:00.000Z',
    });
  });

  test('a time from a clock that is days ahead or was never set is refused, and one from a clock that is behind is accepted', async () => {
    const { id } = await startSpin(device, org.siteIds[0], stock());
    const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000).toISOString();
    const error = await change(id, { status: 'completed', completed_at: inDays(2) }).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 400, code: 'validation_failed', fields: [{ path: 'body.completed_at' }] });
    expect(await refusal(change(id, { status: 'abandoned', abandoned_at: inDays(2) }))).toBe('400 validation_failed');
    for (const completed_at of ['1970-01-01T00:00:00Z', '1999-12-31T23:59:59Z'])
      expect(await refusal(change(id, { status: 'completed', completed_at }))).toBe('400 validation_failed');
    // Shot without a network: it ended before the server knew of it.
    const completed_at = inDays(-1);
    expect((await change(id, { status: 'completed', completed_at })).body).toMatchObject({ completed_at });
  });

  test('a completed session cannot be abandoned, nor the reverse', async () => {
    const { id } = await startSpin(device, org.siteIds[0], stock());
    await change(id, { status: 'completed' });
    const error = await change(id, { status: 'abandoned' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 409, code: 'session_state_conflict' });
    expect(String(error)).toMatch(/It is completed and can become active/);
  });

  test('one of two concurrent changes succeeds, and the other gets a conflict', async () => {
    const { id } = await startSpin(device, org.siteIds[0], stock());
    const outcomes = await Promise.all([
      refusal(change(id, { status: 'completed' })),
      refusal(change(id, { status: 'abandoned' })),
    ]);
    expect(outcomes.sort()).toEqual(['409 session_state_conflict', 'no error']);
  });

  test.each([
    ['nothing', {}],
    ['another state', { status: 'done' }],
    ['a time of another state', { status: 'active', completed_at: '2026-05-04T09:30:00Z' }],
    ['a time without a zone', { status: 'completed', completed_at: '2026-05-04T09:30:00' }],
  ])('400 for %s', async (_, body) => {
    const { id } = await startSpin(device, org.siteIds[0], stock());
    expect(await refusal(change(id, body))).toBe('400 validation_failed');
  });
});

describe('GET /sessions', () => {
  let mine: TestOrg;
  let phone: Client;
  let north: Session[];
  let south: Session;
  beforeAll(async () => {
    mine = await api.makeOrg();
    phone = await api.device(mine);
    const [first, second = first] = mine.siteIds;
    north = [];
    for (const name of ['A1', 'A2', 'A3']) north.push(await startSpin(phone, first, name));
    south = await startSpin(phone, second, 'B1');
    await phone.updateSession({ params: { session_id: north[2]?.id ?? south.id }, body: { status: 'completed' } });
  });

  test('active sessions are first, then the newest; a device sees all sites', async () => {
    const { body } = await phone.listSessions();
    expect(body.items.map((session) => session.vehicle.stock)).toEqual(['B1', 'A2', 'A1', 'A3']);
    expect(body.total).toBe(4);
  });

  test('a person sees the sites of the token', async () => {
    for (const role of ['operator', 'reviewer', 'admin'] as const) {
      const { body } = await (await api.as(mine, role)).listSessions();
      expect(body.items.map((session) => session.vehicle.stock)).toEqual(['A2', 'A1', 'A3']);
      expect(body.total).toBe(3);
    }
    const person = await api.as(mine, 'admin');
    expect((await person.listSessions({ query: { site_id: south.site_id } })).body).toEqual({
      items: [],
      total: 0,
      next_cursor: null,
    });
  });

  test('filters by mode', async () => {
    const of = async (mode: 'studio360' | 'stills') => (await phone.listSessions({ query: { mode } })).body.total;
    expect([await of('studio360'), await of('stills')]).toEqual([4, 0]);
  });

  test('finds by stock number, and by start and end of the VIN, at the caller’s sites', async () => {
    const yard = await api.makeOrg();
    const [near, far = near] = yard.siteIds;
    const by = await api.device(yard);
    const start = async (siteId: SiteId, vehicle: object) =>
      (await by.createSession({ body: { site_id: siteId, vehicle, mode: 'stills' } })).body.id;
    const plain = await start(near, { stock: 'AB 100', vin: 'WVWZZZ1JZXW004711' });
    const odd = await start(near, { stock: 'A%_100' });
    const away = await start(far, { stock: 'AB 200', vin: 'WVWZZZ1JZXW994711' });
    const find = async (q: string, client: Client = by) => {
      const { body } = await client.listSessions({ query: { q } });
      expect(body.total).toBeUndefined();
      return idsOf(body.items);
    };
    expect(await find(' ab   1')).toEqual([plain]);
    expect(await find('ab')).toEqual([away, plain]);
    expect(await find('4711')).toEqual([away, plain]);
    expect(await find('004711')).toEqual([plain]);
    expect(await find('wvwzzz1jzxw99')).toEqual([away]);
    expect(await find('a%')).toEqual([odd]);
    expect(await find('a_')).toEqual([]);
    expect(await find('%%')).toEqual([]);
    expect(await find('4711', await api.as(yard, 'reviewer'))).toEqual([plain]);
    expect(await find('4711', phone)).toEqual([]);
    for (const q of ['a', ' a ', 'a\u0000b'])
      expect(await refusal(phone.listSessions({ query: { q } }))).toBe('400 validation_failed');
  });

  test('pages by cursor have no gaps or repetitions, even if sessions change in between', async () => {
    const all = idsOf((await phone.listSessions()).body.items);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const { body } = await phone.listSessions({ query: { limit: 1, cursor } });
      pages.push(idsOf(body.items));
      cursor = body.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages.flat()).toEqual(all);
    expect(pages).toHaveLength(all.length);
    const first = (await phone.listSessions({ query: { limit: 2 } })).body;
    const made = await startSpin(phone, mine.siteIds[0], 'NEWER');
    const second = (await phone.listSessions({ query: { limit: 2, cursor: first.next_cursor ?? '' } })).body;
    expect(idsOf([...first.items, ...second.items])).toEqual(all);
    await api.database.admin.query(`begin; select set_config('app.org_id', '${mine.orgId}', true);
      delete from sessions where id = '${made.id}'; commit`);
    for (const query of [{ cursor: 'x' }, { cursor: first.next_cursor ?? '', offset: 1 }])
      expect(await refusal(phone.listSessions({ query }))).toBe('400 validation_failed');
  });

  test('filters by site, status and vehicle', async () => {
    const list = async (query: object) => idsOf((await phone.listSessions({ query })).body.items);
    expect(await list({ site_id: south.site_id })).toEqual([south.id]);
    expect(await list({ status: 'completed' })).toEqual([north[2]?.id]);
    expect(await list({ status: 'abandoned' })).toEqual([]);
    expect(await list({ vehicle_id: north[0]?.vehicle.id })).toEqual([north[0]?.id]);
    expect(await list({ vehicle_id: north[0]?.vehicle.id, site_id: south.site_id })).toEqual([]);
    expect(await list({ site_id: SiteId.parse(randomUUID()) })).toEqual([]);
    expect(await list({ vehicle_id: VehicleId.parse(randomUUID()) })).toEqual([]);
  });

  test('pages have no gap or overlap', async () => {
    const all = idsOf((await phone.listSessions()).body.items);
    const pages = [];
    for (const offset of [0, 2, 4]) {
      const { body } = await phone.listSessions({ query: { limit: 2, offset } });
      expect(body.total).toBe(4);
      pages.push(idsOf(body.items));
    }
    expect(pages).toEqual([all.slice(0, 2), all.slice(2), []]);
    expect(await refusal(phone.listSessions({ query: { limit: 201 } }))).toBe('400 validation_failed');
    expect(await refusal(phone.listSessions({ query: { offset: -1 } }))).toBe('400 validation_failed');
  });

  test('frames are counted by status', async () => {
    const { id } = await startSpin(phone, mine.siteIds[0], 'C1');
    await upload(phone, id, 0);
    await upload(phone, id, 15);
    const { body } = await phone.getSession({ params: { session_id: id } });
    expect(body.frames).toMatchObject({ expected: 24, pending: 2, processed: 0, warned: 0 });
    expect((await phone.listSessions({ query: { limit: 1 } })).body.items[0]).toEqual(body);
  });

  test('warnings of current frames are counted, and the newest frame gives the time of the last frame', async () => {
    const { id } = await startSpin(phone, mine.siteIds[0], 'C2');
    const shoot = async (angle: number, sharpness: 'pass' | 'warn') => {
      const { storage_key, image_id } = await upload(phone, id, angle);
      await complete(api.database, storage_key, 'processed', sharpness);
      return image_id;
    };
    await shoot(0, 'warn');
    const again = await shoot(0, 'warn');
    await shoot(15, 'warn');
    await shoot(15, 'pass');
    await shoot(30, 'pass');
    const { image_id } = await upload(phone, id, 45);
    const reviewer = await api.as(mine, 'reviewer');
    await reviewer.publishImage({ params: { image_id: again } });
    const { body } = await phone.getSession({ params: { session_id: id } });
    expect(body.frames).toMatchObject({ pending: 1, processed: 2, published: 1, warned: 1 });
    const { rows } = await api.database.admin.query('select created_at from images where id = $1', [image_id]);
    expect(body.last_frame_at).toBe(rows[0].created_at.toISOString());
  });
});

describe('GET /sessions/{id}', () => {
  test('returns the session with its vehicle', async () => {
    const made = await startSpin(device, org.siteIds[0], stock());
    const { body } = await operator.getSession({ params: { session_id: made.id } });
    expect(body).toEqual(made);
  });

  test('404 for a missing session, 400 for an invalid id', async () => {
    expect(await refusal(device.getSession({ params: { session_id: SessionId.parse(randomUUID()) } }))).toBe(
      '404 session_not_found',
    );
    expect(await refusal(device.getSession({ params: { session_id: 'x' as SessionId } }))).toBe(
      '400 validation_failed',
    );
  });
});

describe('GET /sites', () => {
  test('a device sees all sites, a person those of the token', async () => {
    const names = async (client: Client) => (await client.listSites()).body.items.map((site) => site.name);
    expect(await names(device)).toEqual(['North', 'South']);
    expect(await names(operator)).toEqual(['North']);
  });
});

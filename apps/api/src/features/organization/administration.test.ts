import { randomUUID } from 'node:crypto';
import type { Client } from '@spinbay/client';
import { DeviceId, EnrolmentCodeId, isFailure, type RouteName, routes, SiteId, UserId } from '@spinbay/contracts';
import { changeUser } from '@spinbay/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phone, refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let admin: Client;
let other: TestOrg;
let otherAdmin: Client;
beforeAll(async () => {
  api = await startTestApi();
  [org, other] = [await api.makeOrg(), await api.makeOrg()];
  [admin, otherAdmin] = [await api.as(org, 'admin'), await api.as(other, 'admin')];
});
afterAll(() => api?.stop());

/** The audit log about one thing, oldest line first. */
const historyOf = async (id: string, by = admin, type: 'user' | 'device' | 'site' | 'organization' = 'user') =>
  (await by.listEvents({ query: { entity_type: type, entity_id: id, limit: 200 } })).body.items.reverse();

describe('the organization', () => {
  test('is renamed and no longer enrols devices without a code', async () => {
    const own = await api.makeOrg();
    const by = await api.as(own, 'admin');
    const { body: before } = await by.getOrganization();
    // All its sites, including those that this administrator may not see.
    expect(before).toMatchObject({
      id: own.orgId,
      enrolment: 'open',
      keep_gps: false,
      sites: [{ name: 'North' }, { name: 'South' }],
    });
    expect((await by.listSites()).body.items).toHaveLength(1);
    const { body } = await by.updateOrganization({ body: { name: 'Renamed', enrolment: 'code' } });
    expect(body).toEqual({ ...before, name: 'Renamed', enrolment: 'code' });
    expect((await by.getOrganization()).body).toEqual(body);
    expect(await refusal(api.device(own))).toBe('403 enrolment_code_required');
    await by.updateOrganization({ body: { name: 'Renamed' } });
    await by.updateOrganization({ body: {} });
    expect((await by.updateOrganization({ body: { keep_gps: true } })).body).toEqual({ ...body, keep_gps: true });
    expect((await by.getOrganization()).body.keep_gps).toBe(true);
    const history = await historyOf(own.orgId, by, 'organization');
    expect(history.filter((line) => line.type === 'organization.changed').map((line) => line.meta)).toEqual([
      { name: { from: before.name, to: 'Renamed' }, enrolment: { from: 'open', to: 'code' } },
      { keep_gps: { from: false, to: true } },
    ]);
  });
});

describe('sites', () => {
  test('are added and renamed, and each name exists once', async () => {
    const { body: site } = await admin.createSite({ body: { name: ' East ' } });
    expect(site).toMatchObject({ name: 'East' });
    expect(await refusal(admin.createSite({ body: { name: 'East' } }))).toBe('409 site_name_taken');
    const rename = (site_id: SiteId, name: string) => admin.updateSite({ params: { site_id }, body: { name } });
    expect(await refusal(rename(site.id, 'North'))).toBe('409 site_name_taken');
    expect((await rename(site.id, 'West')).body).toEqual({ ...site, name: 'West' });
    expect((await rename(site.id, 'West')).body.name).toBe('West');
    expect((await historyOf(site.id, admin, 'site')).map((line) => [line.type, line.meta])).toEqual([
      ['site.created', { name: 'East' }],
      ['site.renamed', { name: { from: 'East', to: 'West' } }],
    ]);
    expect(await refusal(rename(other.siteIds[0], 'Mine'))).toBe('404 site_not_found');
  });

  test('are added once if two requests with one name arrive at the same time', async () => {
    const attempts = await Promise.all([1, 2, 3].map(() => refusal(admin.createSite({ body: { name: 'Rush' } }))));
    expect(attempts.sort()).toEqual(['409 site_name_taken', '409 site_name_taken', 'no error']);
  });
});

describe('people', () => {
  let made = 0;
  const person = (over: object = {}) => ({
    email: `somebody-${++made}@org1.test`,
    name: 'Some Body',
    role: 'operator' as const,
    site_ids: [org.siteIds[0]],
    ...over,
  });

  test('are added, and listed by email address', async () => {
    const wanted = person({ email: ' New.Person@Org1.test ' });
    const { body: user } = await admin.createUser({ body: wanted });
    expect(user).toMatchObject({ ...wanted, email: 'new.person@org1.test', disabled_at: null });
    const { items, total } = (await admin.listUsers()).body;
    expect(items.find((line) => line.id === user.id)).toEqual(user);
    expect(items.map((line) => line.email)).toEqual(items.map((line) => line.email).sort());
    const second = (await admin.listUsers({ query: { limit: 1, offset: 1 } })).body;
    expect(second).toEqual({ items: [items[1]], total });
    expect(await refusal(admin.createUser({ body: wanted }))).toBe('409 email_taken');
    expect(await refusal(admin.createUser({ body: person({ site_ids: [other.siteIds[0]] }) }))).toBe(
      '404 site_not_found',
    );
    // The same address in another organization is another person.
    const there = { ...wanted, site_ids: [] };
    expect(await refusal(otherAdmin.createUser({ body: there }))).toBe('no error');
  });

  test.each([
    ['no address', { email: 'nobody' }],
    ['an address in another script', { email: 'i\u0307@ex\u0430mple.test' }],
    ['an address that is too long', { email: `${'a'.repeat(250)}@x.test` }],
    ['no name', { name: ' ' }],
    ['the role of devices', { role: 'device' }],
    ['too many sites', { site_ids: Array.from({ length: 501 }, () => randomUUID()) }],
  ])('are refused with %s', async (_, over) => {
    expect(await refusal(admin.createUser({ body: person(over) }))).toBe('400 validation_failed');
  });

  test('are changed, which affects current tokens, and the audit log has the old and new values', async () => {
    const own = await api.makeOrg();
    const [by, reviewer] = [await api.as(own, 'admin'), await api.as(own, 'reviewer')];
    const { items } = (await by.listUsers()).body;
    const user = items.find((line) => line.role === 'reviewer');
    const params = { user_id: user?.id ?? UserId.parse(randomUUID()) };
    const [north, south = north] = own.siteIds;
    await by.updateUser({ params, body: { site_ids: [south, south], name: 'Rita' } });
    expect((await reviewer.listSites()).body.items).toEqual([]);
    expect((await (await api.as(own, 'reviewer')).listSites()).body.items.map((site) => site.id)).toEqual([south]);
    const { body } = await by.updateUser({ params, body: { role: 'operator', disabled: true } });
    expect(body).toMatchObject({ name: 'Rita', role: 'operator', site_ids: [south] });
    expect(body.disabled_at).not.toBeNull();
    expect(await refusal(reviewer.listSites())).toBe('401 unauthenticated');
    expect(await refusal(api.as(own, 'reviewer'))).toBe('403 user_not_in_org');
    // The same values are not a change.
    expect((await by.updateUser({ params, body: { disabled: true } })).body).toEqual(body);
    await by.updateUser({ params, body: { disabled: false } });
    expect(await refusal(api.as(own, 'reviewer'))).toBe('no error');
    const changes = (await historyOf(params.user_id, by)).filter((line) => /user\.(changed|disabled)/.test(line.type));
    expect(changes.map((line) => [line.type, line.meta])).toEqual([
      ['user.changed', { name: { from: 'reviewer', to: 'Rita' }, site_ids: { from: [north], to: [south] } }],
      ['user.disabled', { role: { from: 'reviewer', to: 'operator' }, disabled: { from: false, to: true } }],
      ['user.changed', { disabled: { from: true, to: false } }],
    ]);
    expect(changes.every((line) => line.actor.type === 'user')).toBe(true);
  });

  test('always include an active administrator, even with concurrent changes', async () => {
    const own = await api.makeOrg();
    const by = await api.as(own, 'admin');
    const first = (await by.listUsers()).body.items.find((line) => line.role === 'admin');
    const change = (user_id: UserId, body: object) => by.updateUser({ params: { user_id }, body });
    const id = first?.id ?? UserId.parse(randomUUID());
    expect(await refusal(change(id, { disabled: true }))).toBe('409 last_admin');
    expect(await refusal(change(id, { role: 'operator' }))).toBe('409 last_admin');
    const { body: second } = await by.createUser({ body: person({ role: 'admin', site_ids: [] }) });
    // Calls the store directly, because the access check of the API would decide this race.
    const tenant = api.database.store.forOrg(own.orgId, 'all');
    const removeAccess = (user: UserId, how: { disabled: true } | { role: 'operator' }) =>
      tenant.transact((tx) => changeUser(tx, user, how, { type: 'system' }));
    const outcomes = await Promise.all(
      [id, second.id].flatMap((user) => [
        removeAccess(user, { disabled: true }),
        removeAccess(user, { role: 'operator' }),
      ]),
    );
    expect(outcomes.filter((outcome) => isFailure(outcome) && outcome.failure === 'last_admin')).toHaveLength(2);
    const { rows } = await api.database.admin.query(
      `select id from users where org_id = $1 and role = 'admin' and disabled_at is null`,
      [own.orgId],
    );
    expect(rows).toHaveLength(1);
  });
});

describe('devices', () => {
  test('are listed, named, restricted to sites and revoked', async () => {
    const own = await api.makeOrg();
    const by = await api.as(own, 'admin');
    const [older, device] = [await api.device(own), await api.device(own)];
    const params = { device_id: DeviceId.parse(device.deviceId) };
    const { items, total } = (await by.listDevices()).body;
    expect([total, items.map((line) => line.id)]).toEqual([2, [device.deviceId, older.deviceId]]);
    expect(items[0]).toMatchObject({ ...phone, name: null, site_ids: [], revoked_at: null });
    const [north] = own.siteIds;
    const { body } = await by.updateDevice({ params, body: { name: 'Turntable', site_ids: [north] } });
    expect(body).toMatchObject({ name: 'Turntable', site_ids: [north] });
    expect((await device.listSites()).body.items.map((site) => site.id)).toEqual([north]);
    await by.updateDevice({ params, body: { site_ids: [] } });
    expect((await device.listSites()).body.items).toHaveLength(2);
    const { body: revoked } = await by.revokeDevice({ params });
    expect(revoked.revoked_at).not.toBeNull();
    expect((await by.revokeDevice({ params })).body).toEqual(revoked);
    expect(await refusal(device.listSites())).toBe('401 unauthenticated');
    expect(await refusal(older.listSites())).toBe('no error');
    expect((await by.listDevices()).body.items[0]).toEqual(revoked);
    const history = await historyOf(device.deviceId, by, 'device');
    expect(history.map((line) => [line.type, line.meta])).toEqual([
      ['device.enrolled', { platform: phone.platform, model: phone.model }],
      ['device.changed', { name: { from: null, to: 'Turntable' }, site_ids: { from: [], to: [north] } }],
      ['device.changed', { site_ids: { from: [north], to: [] } }],
      ['device.revoked', null],
    ]);
  });

  test('cannot be restricted to sites of another organization', async () => {
    const device_id = DeviceId.parse((await api.device(org)).deviceId);
    const change = admin.updateDevice({ params: { device_id }, body: { site_ids: [other.siteIds[0]] } });
    expect(await refusal(change)).toBe('404 site_not_found');
  });
});

describe('an administrator', () => {
  const theirs = async () => {
    const device_id = DeviceId.parse((await api.device(other)).deviceId);
    const { items } = (await otherAdmin.listUsers()).body;
    const { body: code } = await otherAdmin.createEnrolmentCode({ body: { all_sites: true } });
    return { device_id, user_id: items[0]?.id ?? UserId.parse(randomUUID()), enrolment_code_id: code.id };
  };

  test('of another organization finds nothing here', async () => {
    const { device_id, user_id, enrolment_code_id } = await theirs();
    const [site_id] = other.siteIds;
    const before = JSON.stringify([(await otherAdmin.listUsers()).body, (await otherAdmin.listDevices()).body]);
    const attempts: [() => Promise<unknown>, string][] = [
      [() => admin.updateUser({ params: { user_id }, body: { role: 'admin' } }), '404 user_not_found'],
      [() => admin.updateDevice({ params: { device_id }, body: { name: 'Mine' } }), '404 device_not_found'],
      [() => admin.revokeDevice({ params: { device_id } }), '404 device_not_found'],
      [() => admin.revokeEnrolmentCode({ params: { enrolment_code_id } }), '404 enrolment_code_not_found'],
      [() => admin.updateSite({ params: { site_id }, body: { name: 'Mine' } }), '404 site_not_found'],
      [() => admin.createEnrolmentCode({ body: { site_ids: [site_id] } }), '404 site_not_found'],
    ];
    for (const [attempt, expected] of attempts) expect(await refusal(attempt())).toBe(expected);
    expect(JSON.stringify([(await otherAdmin.listUsers()).body, (await otherAdmin.listDevices()).body])).toBe(before);
    expect((await admin.listEvents({ query: { entity_type: 'device', entity_id: device_id } })).body.items).toEqual([]);
    for (const list of [await admin.listUsers(), await admin.listDevices(), await admin.listEnrolmentCodes()]) {
      const ids: string[] = list.body.items.map((item) => item.id);
      for (const id of [device_id, user_id, enrolment_code_id]) expect(ids).not.toContain(id);
    }
  });

  test('is the only one who may use these routes', async () => {
    const names = (Object.keys(routes) as RouteName[]).filter((name) => String(routes[name].access) === 'admin');
    expect(names).toEqual(expect.arrayContaining(['getOrganization', 'updateUser', 'revokeDevice', 'listEvents']));
    const ids = {
      site_id: SiteId.parse(randomUUID()),
      user_id: UserId.parse(randomUUID()),
      device_id: DeviceId.parse(randomUUID()),
      enrolment_code_id: EnrolmentCodeId.parse(randomUUID()),
    };
    const others = [await api.device(org), await api.as(org, 'operator'), await api.as(org, 'reviewer')];
    for (const name of names) {
      const request = routes[name].method === 'GET' ? { params: ids } : { params: ids, body: {} };
      const call = (client: Client) => (client[name] as (sent: object) => Promise<unknown>)(request);
      for (const client of others) expect(await refusal(call(client))).toBe('403 forbidden');
      expect(await refusal(call(api.client()))).toBe('401 unauthenticated');
    }
  });
});

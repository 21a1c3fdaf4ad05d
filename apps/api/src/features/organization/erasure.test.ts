import type { Client } from '@spinbay/client';
import { type SessionId, UserId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

async function startSession(org: TestOrg, by: Client) {
  const [site_id] = org.siteIds;
  return (await by.createSession({ body: { site_id, vehicle: { stock: 'E-1' }, mode: 'stills' } })).body;
}
const read = (by: Client, session_id: SessionId) => refusal(by.getSession({ params: { session_id } }));

test('an administrator erases an active session after confirmation, and restores it', async () => {
  const org = await api.makeOrg();
  const admin = await api.as(org, 'admin');
  const { id } = await startSession(org, admin);
  const params = { session_id: id };
  expect(await refusal(admin.eraseSession({ params }))).toBe('409 erasure_unconfirmed');
  const { status, body } = await admin.eraseSession({ params, query: { confirm: 'true' } });
  expect([status, body.photos]).toEqual([202, 0]);
  expect(Date.parse(body.erase_after)).toBeGreaterThan(Date.now());
  expect(await read(admin, id)).toBe('404 session_not_found');
  expect((await admin.restoreSession({ params })).body.id).toBe(id);
});

test('an administrator erases a vehicle with its sessions, and restores both', async () => {
  const org = await api.makeOrg();
  const admin = await api.as(org, 'admin');
  const { id, vehicle } = await startSession(org, admin);
  const params = { vehicle_id: vehicle.id };
  expect(await refusal(admin.eraseVehicle({ params }))).toBe('409 erasure_unconfirmed');
  await admin.eraseVehicle({ params, query: { confirm: 'true' } });
  expect(await read(admin, id)).toBe('404 session_not_found');
  expect((await admin.restoreVehicle({ params })).body).toMatchObject({ id: vehicle.id, stock: 'E-1' });
  expect((await admin.getSession({ params: { session_id: id } })).body.id).toBe(id);
});

test('an erased person is refused with the next request and cannot sign in again', async () => {
  const org = await api.makeOrg();
  const [admin, reviewer] = [await api.as(org, 'admin'), await api.as(org, 'reviewer')];
  const { items } = (await admin.listUsers()).body;
  const user_id = UserId.parse(items.find(({ role }) => role === 'reviewer')?.id);
  await admin.eraseUser({ params: { user_id } });
  expect(await refusal(reviewer.listSites())).toBe('401 unauthenticated');
  expect(await refusal(api.as(org, 'reviewer'))).toBe('403 user_not_in_org');
  expect(JSON.stringify((await admin.listUsers()).body)).not.toContain(org.emailOf('reviewer'));
  // The row of an erased person cannot be enabled again. Otherwise it would count as an administrator.
  expect(await refusal(admin.updateUser({ params: { user_id }, body: { disabled: false, role: 'admin' } }))).toBe(
    '404 user_not_found',
  );
});

test('an address that looks like that of an erased person protects nobody from being disabled', async () => {
  const org = await api.makeOrg();
  const admin = await api.as(org, 'admin');
  const body = { email: 'anna@erased.invalid', name: 'Anna', role: 'admin' as const, site_ids: [] };
  const user_id = UserId.parse((await admin.createUser({ body })).body.id);
  const changed = await admin.updateUser({ params: { user_id }, body: { disabled: true } });
  expect(changed.body.disabled_at).not.toBeNull();
});

test('erasing an organization immediately ends the access of all people and devices', async () => {
  const org = await api.makeOrg();
  const [admin, device] = [await api.as(org, 'admin'), await api.device(org)];
  const { name } = (await admin.getOrganization()).body;
  const erase = (organization_name: string) => admin.eraseOrganization({ body: { organization_name } });
  expect(await refusal(erase(`${name}!`))).toBe('409 organization_name_differs');
  expect((await erase(name)).status).toBe(202);
  for (const by of [admin, device]) expect(await refusal(by.listSites())).toBe('401 unauthenticated');
  expect(await refusal(api.device(org))).toBe('400 org_unknown');
  expect(await refusal(api.as(org, 'admin'))).toBe('403 user_not_in_org');
});

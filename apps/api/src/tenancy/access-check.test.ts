import type { Client } from '@spinbay/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusal, startSpin, startTestApi, type TestApi, type TestOrg } from '../testing.ts';

let api: TestApi;
let elsewhere: { url: string; close(): Promise<void> };
let org: TestOrg;

beforeAll(async () => {
  api = await startTestApi();
  elsewhere = await api.another();
  org = await api.makeOrg();
});
afterAll(() => api?.stop());

const query = (sql: string, values: unknown[]) => api.database.admin.query(sql, values);
const siteCount = async (client: Client) => (await client.listSites()).body.items.length;

test('a revoked device is refused with its next request, on every instance', async () => {
  const device = await api.device(org);
  const there = api.client(device.token, elsewhere.url);
  expect(await siteCount(device)).toBe(2);
  expect(await siteCount(there)).toBe(2);
  await query('update devices set revoked_at = now() where id = $1', [device.deviceId]);
  expect(await refusal(device.listSites())).toBe('401 unauthenticated');
  expect(await refusal(there.listSites())).toBe('401 unauthenticated');
  expect(await refusal(startSpin(device, org.siteIds[0], 'REVOKED'))).toBe('401 unauthenticated');
});

test('a device that is restricted to a site then works only there', async () => {
  const device = await api.device(org);
  const [north, south = north] = org.siteIds;
  expect(await refusal(startSpin(device, south, 'BOUND-1'))).toBe('no error');
  await query('insert into device_site_access (org_id, device_id, site_id) values ($1, $2, $3)', [
    org.orgId,
    device.deviceId,
    north,
  ]);
  expect(await siteCount(device)).toBe(1);
  expect(await refusal(startSpin(device, south, 'BOUND-2'))).toBe('404 site_not_found');
  expect(await refusal(startSpin(device, north, 'BOUND-3'))).toBe('no error');
});

test('disabling a person, another role and the loss of a site take effect immediately', async () => {
  const own = await api.makeOrg();
  const [operator, reviewer, admin] = [
    await api.as(own, 'operator'),
    await api.as(own, 'reviewer'),
    await api.as(own, 'admin'),
  ];
  expect([await siteCount(operator), await siteCount(reviewer), await siteCount(admin)]).toEqual([1, 1, 1]);
  await query(`update users set disabled_at = now() where org_id = $1 and role = 'operator'`, [own.orgId]);
  expect(await refusal(operator.listSites())).toBe('401 unauthenticated');
  await query(`delete from user_site_access where org_id = $1`, [own.orgId]);
  expect([await siteCount(reviewer), await siteCount(admin)]).toEqual([0, 0]);
  await query(`update users set role = 'operator' where org_id = $1 and role = 'admin'`, [own.orgId]);
  expect(await refusal(admin.listSites())).toBe('401 unauthenticated');
});

test('the last activity of a device is recorded, but not for every request', async () => {
  const device = await api.device(org);
  const lastSeen = async () =>
    (await query('select last_seen from devices where id = $1', [device.deviceId])).rows[0].last_seen.getTime();
  const enrolled = await lastSeen();
  await startSpin(device, org.siteIds[0], 'SEEN-1');
  expect(await lastSeen()).toBe(enrolled);
  await query(`update devices set last_seen = now() - interval '1 hour' where id = $1`, [device.deviceId]);
  await startSpin(device, org.siteIds[0], 'SEEN-2');
  expect(await lastSeen()).toBeGreaterThanOrEqual(enrolled);
});

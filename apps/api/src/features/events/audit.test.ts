import { randomUUID } from 'node:crypto';
import type { Client } from '@spinbay/client';
import { DeviceId, EventId, ImageId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { phone, refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  admin = await api.as(org, 'admin');
});
afterAll(() => api?.stop());

const linesOf = async (type: string) => (await admin.listEvents({ query: { type, limit: 200 } })).body.items;

test('the audit log is read page by page, newest first, each line once', async () => {
  for (let k = 0; k < 7; k++) await api.device(org);
  const { items: all } = (await admin.listEvents({ query: { limit: 200 } })).body;
  expect(all.length).toBeGreaterThan(7);
  expect(all.map((line) => line.id)).toEqual(
    all
      .map((line) => line.id)
      .sort()
      .reverse(),
  );
  const paged: unknown[] = [];
  let cursor: EventId | undefined;
  do {
    const { body } = await admin.listEvents({ query: { limit: 3, cursor } });
    expect(body.items.length).toBeLessThanOrEqual(3);
    paged.push(...body.items);
    cursor = body.next ?? undefined;
  } while (cursor !== undefined);
  expect(paged).toEqual(all);
  expect(
    (await admin.listEvents({ query: { cursor: EventId.parse('0'.repeat(8) + randomUUID().slice(8)) } })).body,
  ).toEqual({ items: [], next: null });
});

test('sign-ins are in the audit log', async () => {
  const before = (await linesOf('user.signed_in')).length;
  await api.as(org, 'reviewer');
  const after = await linesOf('user.signed_in');
  expect(after).toHaveLength(before + 1);
  expect(after[0]?.actor).toEqual({ type: 'user', id: after[0]?.entity_id });
});

test('reports of clients are not in the audit log, so that nobody can forge a line', async () => {
  const device = await api.device(org);
  const entity_id = randomUUID();
  await device.createEvents({ body: { entity_type: 'user', entity_id, type: 'user.disabled' } });
  expect((await admin.listEvents({ query: { entity_type: 'user', entity_id } })).body.items).toEqual([]);
  expect(await linesOf('user.disabled')).toEqual([]);
});

test('requests that the role does not allow are in the audit log with their route, and only a few lines a minute during a flood', async () => {
  const device = await api.device(org);
  for (let k = 0; k < 9; k++)
    expect(await refusal(device.publishImage({ params: { image_id: ImageId.parse(randomUUID()) } }))).toBe(
      '403 forbidden',
    );
  const { items } = (
    await admin.listEvents({ query: { entity_type: 'device', entity_id: device.deviceId, type: 'request.refused' } })
  ).body;
  expect(items.length).toBeGreaterThan(0);
  expect(items.length).toBeLessThanOrEqual(5);
  expect(items[0]).toMatchObject({
    meta: { route: 'publishImage', role: 'device' },
    actor: { type: 'device', id: device.deviceId },
  });
});

test('a refused refresh of a device is in the audit log with the reason', async () => {
  const { body: device } = await api.client().authDevice({ body: { ...phone, org_id: org.orgId } });
  const refresh = (device_secret: string, device_id = device.device_id, org_id: string = org.orgId) =>
    refusal(api.client().authDevice({ body: { ...phone, org_id, device_id, device_secret } }));
  await refresh('guessed');
  await admin.revokeDevice({ params: { device_id: device.device_id } });
  expect(await refresh(device.device_secret ?? '')).toBe('403 device_revoked');
  const stranger = DeviceId.parse(randomUUID());
  expect(await refresh('x', stranger)).toBe('401 device_secret_invalid');
  // A request with an unknown organization leaves no line and gets the same reply.
  expect(await refresh('x', stranger, randomUUID())).toBe('401 device_secret_invalid');
  const lines = await linesOf('device.refresh_refused');
  expect(lines.map((line) => [line.entity_type, line.entity_id, line.meta])).toEqual([
    ['organization', org.orgId, { reason: 'device_secret_invalid', device_id: stranger }],
    ['device', device.device_id, { reason: 'device_revoked', device_id: device.device_id }],
    ['device', device.device_id, { reason: 'device_secret_invalid', device_id: device.device_id }],
  ]);
});

test('the audit log is filtered by type and id together', async () => {
  expect(await refusal(admin.listEvents({ query: { entity_type: 'device' } }))).toBe('400 validation_failed');
  expect(await refusal(admin.listEvents({ query: { entity_id: randomUUID() } }))).toBe('400 validation_failed');
});

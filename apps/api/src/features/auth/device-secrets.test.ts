import { randomBytes, randomUUID } from 'node:crypto';
import { DeviceId } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LossyProxy, startLossyProxy } from '../../testing/lossy-proxy.ts';
import { phone, refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let lossy: LossyProxy;
beforeAll(async () => {
  api = await startTestApi();
  lossy = await startLossyProxy(api.url);
});
afterAll(async () => {
  await lossy?.close();
  await api?.stop();
});

const newKey = () => ({
  device_id: DeviceId.parse(randomUUID()),
  new_secret: randomBytes(32).toString('base64url'),
});
const auth = (org: TestOrg, over: object, url = api.url) =>
  api.client(undefined, url).authDevice({ body: { ...phone, org_id: org.orgId, ...over } });
const secretIn = ({ body }: { body: { device_secret?: string | undefined } }) => body.device_secret ?? '';
/** Sends a request that is committed, but whose reply is lost. */
async function authWithoutReply(org: TestOrg, over: object): Promise<void> {
  const before = lossy.lost();
  expect(await refusal(auth(org, over, lossy.url))).toMatch(/^another error/);
  expect(lossy.lost()).toBeGreaterThan(before);
}
const devicesOf = async (org: TestOrg) =>
  (await api.database.admin.query('select id, revoked_at from devices where org_id = $1', [org.orgId])).rows;
const eventsOf = async (id: string) =>
  (
    await api.database.admin.query(
      'select type, actor_type, meta from events where entity_id = $1 and not reported order by id',
      [id],
    )
  ).rows;

describe('enrolling with a client key', () => {
  test('returns the same device after a lost reply, and uses a code once', async () => {
    const org = await api.makeOrg({ enrolment: 'code' });
    const admin = await api.as(org, 'admin');
    const { code, id } = (await admin.createEnrolmentCode({ body: { site_ids: [org.siteIds[0]] } })).body;
    const request = { ...newKey(), enrolment_code: code };
    await authWithoutReply(org, request);
    await authWithoutReply(org, request);
    const { body } = await auth(org, request);
    expect(body).toMatchObject({ device_id: request.device_id, device_secret: request.new_secret });
    expect((await api.client(body.token).listSites()).body.items).toHaveLength(1);
    expect(await devicesOf(org)).toEqual([{ id: request.device_id, revoked_at: null }]);
    const { items } = (await admin.listEnrolmentCodes()).body;
    expect(items.find((line) => line.id === id)).toMatchObject({ state: 'used', device_id: request.device_id });
    expect((await eventsOf(request.device_id)).map((event) => event.type)).toEqual(['device.enrolled']);
    // The code is no longer needed, and nobody else can use it.
    expect((await auth(org, { ...request, enrolment_code: undefined })).body.device_id).toBe(request.device_id);
    expect(await refusal(auth(org, { ...newKey(), enrolment_code: code }))).toBe('403 enrolment_code_used');
  });

  test('creates one device in an open organization, even with concurrent requests', async () => {
    const org = await api.makeOrg();
    const key = newKey();
    await authWithoutReply(org, key);
    const replies = await Promise.all(Array.from({ length: 6 }, () => auth(org, key)));
    const other = newKey();
    replies.push(...(await Promise.all(Array.from({ length: 6 }, () => auth(org, other)))));
    expect(new Set(replies.map(({ body }) => body.device_id)).size).toBe(2);
    expect(await devicesOf(org)).toHaveLength(2);
  });

  test('fails for somebody who knows only the id', async () => {
    const org = await api.makeOrg({ enrolment: 'code' });
    const admin = await api.as(org, 'admin');
    const makeCode = async () => (await admin.createEnrolmentCode({ body: { site_ids: [...org.siteIds] } })).body;
    const { code } = await makeCode();
    const key = newKey();
    await auth(org, { ...key, enrolment_code: code });
    const stolen = { device_id: key.device_id, new_secret: newKey().new_secret };
    const unused = await makeCode();
    expect(await refusal(auth(org, stolen))).toBe('401 device_secret_invalid');
    expect(await refusal(auth(org, { ...stolen, enrolment_code: code }))).toBe('401 device_secret_invalid');
    expect(await refusal(auth(org, { ...stolen, enrolment_code: unused.code }))).toBe('401 device_secret_invalid');
    expect((await auth(org, { ...newKey(), enrolment_code: unused.code })).body.device_id).not.toBe(key.device_id);
    expect((await auth(org, { device_id: key.device_id, device_secret: key.new_secret })).status).toBe(200);
    // The same id in another organization is another device.
    const open = await api.makeOrg();
    expect((await auth(open, stolen)).body.device_id).toBe(key.device_id);
  });

  test('does not enrol a revoked device again', async () => {
    const org = await api.makeOrg();
    const key = newKey();
    await auth(org, key);
    await (await api.as(org, 'admin')).revokeDevice({ params: { device_id: key.device_id } });
    expect(await refusal(auth(org, key))).toBe('403 device_revoked');
    expect(await devicesOf(org)).toHaveLength(1);
  });

  test.each([
    ['a secret that can be guessed', { new_secret: 'short' }, 'body.new_secret'],
    ['a secret without an id', { device_id: undefined }, 'body.device_id'],
    ['an id without a secret', { new_secret: undefined }, 'body.device_id'],
    ['both secrets', { device_secret: 'x' }, 'body.new_secret'],
  ])('400 for %s', async (_, over, path) => {
    const org = await api.makeOrg();
    const error = await auth(org, { ...newKey(), ...over }).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 400, code: 'validation_failed', fields: [{ path }] });
  });
});

describe('the secret of a device', () => {
  test('changes with each refresh, and a lost reply does not lock the device out', async () => {
    const org = await api.makeOrg();
    const { device_id, new_secret } = newKey();
    await auth(org, { device_id, new_secret });
    const refresh = async (device_secret: string) => secretIn(await auth(org, { device_id, device_secret }));
    await authWithoutReply(org, { device_id, device_secret: new_secret });
    const second = await refresh(new_secret);
    expect(second).not.toBe(new_secret);
    // Until the new secret is used, both are valid, and a repeated refresh returns the same new secret.
    expect(await refresh(new_secret)).toBe(second);
    const third = await refresh(second);
    expect(new Set([new_secret, second, third]).size).toBe(3);
    expect(await refresh(second)).toBe(third);
    const kept = JSON.stringify(
      (await api.database.admin.query('select * from devices where id = $1', [device_id])).rows,
    );
    for (const secret of [new_secret, second, third]) expect(kept).not.toContain(secret);
  });

  test('revokes the device if it is used after its successor, and the audit log says why', async () => {
    const org = await api.makeOrg();
    const { body: device } = await auth(org, {});
    const { device_id } = device;
    const refresh = (device_secret: string) => auth(org, { device_id, device_secret });
    const first = device.device_secret ?? '';
    const second = secretIn(await refresh(first));
    const { body: newest } = await refresh(second);
    const phoneInUse = api.client(newest.token);
    expect((await phoneInUse.listSites()).status).toBe(200);
    expect(await refusal(refresh(first))).toBe('403 device_revoked');
    expect(await refusal(phoneInUse.listSites())).toBe('401 unauthenticated');
    expect(await refusal(refresh(newest.device_secret ?? ''))).toBe('403 device_revoked');
    const events = await eventsOf(device_id);
    expect(events.find((event) => event.type === 'device.revoked')).toMatchObject({
      actor_type: 'system',
      meta: { reason: 'an old secret was used again' },
    });
  });

  test('allows two programs to refresh one device at the same time', async () => {
    const org = await api.makeOrg();
    const { body: device } = await auth(org, {});
    const { device_id, device_secret } = device;
    const replies = await Promise.all(Array.from({ length: 8 }, () => auth(org, { device_id, device_secret })));
    const given = new Set(replies.map(({ body }) => body.device_secret));
    expect(given.size).toBe(1);
    const [next = ''] = given;
    const used = await Promise.all(
      Array.from({ length: 8 }, () => refusal(auth(org, { device_id, device_secret: next }))),
    );
    expect(new Set(used)).toEqual(new Set(['no error']));
  });
});

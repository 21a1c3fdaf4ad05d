import { randomBytes, randomUUID } from 'node:crypto';
import { DeviceId } from '@spinbay/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { phone, refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let admin: Awaited<ReturnType<TestApi['as']>>;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  org = await api.makeOrg({ enrolment: 'open' });
  admin = await api.as(org, 'admin');
});

const newKey = () => randomBytes(32).toString('base64url');

/** Enrols an app as a new device, with its installation key if it has one. */
async function enrol(installation_key: string | undefined, over: { org_id?: string; enrolment_code?: string } = {}) {
  const device_id = DeviceId.parse(randomUUID());
  const { body } = await api.client().authDevice({
    body: { ...phone, org_id: org.orgId, device_id, new_secret: newKey(), installation_key, ...over },
  });
  return { ...body, params: { device_id } };
}

const line = async (id: DeviceId) =>
  (await admin.listDevices({ query: { limit: 200 } })).body.items.find((device) => device.id === id);
const works = (token: string) => refusal(api.client(token).listSites());

describe('in an organization with open enrolment', () => {
  test('the list shows which devices belong to the same app, but not its key', async () => {
    const key = newKey();
    const [first, again, other, none] = [
      await enrol(key),
      await enrol(key),
      await enrol(newKey()),
      await enrol(undefined),
    ];
    const lines = await Promise.all([first, again, other, none].map(({ device_id }) => line(device_id)));
    const [a, b, c, d] = lines.map((one) => one?.installation);
    expect(a).toMatch(/^[0-9a-f]{16}$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
    expect(d).toBeNull();
    expect(JSON.stringify(lines)).not.toContain(key);
  });

  test('blocking an app revokes all of its devices at once, and it cannot enrol again, even with a code', async () => {
    const key = newKey();
    const [first, again, other] = [await enrol(key), await enrol(key), await enrol(newKey())];
    const { body } = await admin.blockDevice({ params: again.params });
    expect(body).toMatchObject({ revoked_at: expect.any(String), blocked_at: expect.any(String) });
    expect(await line(first.device_id)).toMatchObject({ revoked_at: expect.any(String), blocked_at: body.blocked_at });
    expect(await works(first.token)).toBe('401 unauthenticated');
    expect(await works(again.token)).toBe('401 unauthenticated');
    expect(await works(other.token)).toBe('no error');
    expect(await refusal(enrol(key))).toBe('403 device_blocked');
    const { code } = (await admin.createEnrolmentCode({ body: { all_sites: true } })).body;
    expect(await refusal(enrol(key, { enrolment_code: code }))).toBe('403 device_blocked');
    // The code is not used up.
    expect((await enrol(newKey(), { enrolment_code: code })).token).toBeDefined();
    const { rows } = await api.database.admin.query(
      `select type, meta ->> 'reason' as reason, count(*)::int as n from events
       where org_id = $1 and type in ('device.blocked', 'device.enrolment_refused') group by 1, 2 order by 1`,
      [org.orgId],
    );
    expect(rows).toEqual([
      { type: 'device.blocked', reason: null, n: 2 },
      { type: 'device.enrolment_refused', reason: 'device_blocked', n: expect.any(Number) },
    ]);
  });

  test('an unblocked app may enrol again; its revoked devices stay revoked', async () => {
    const key = newKey();
    const first = await enrol(key);
    await admin.blockDevice({ params: first.params });
    const { body } = await admin.unblockDevice({ params: first.params });
    expect(body).toMatchObject({ revoked_at: expect.any(String), blocked_at: null });
    expect(await works(first.token)).toBe('401 unauthenticated');
    expect(await works((await enrol(key)).token)).toBe('no error');
  });

  test('another organization is not affected, and cannot find out that it has the same phone', async () => {
    const key = newKey();
    const first = await enrol(key);
    const elsewhere = await api.makeOrg({ enrolment: 'open' });
    const there = await enrol(key, { org_id: elsewhere.orgId });
    await admin.blockDevice({ params: first.params });
    expect(await works(there.token)).toBe('no error');
    const [seen] = (await (await api.as(elsewhere, 'admin')).listDevices()).body.items;
    expect(seen?.installation).not.toBe((await line(first.device_id))?.installation);
    expect(await refusal(admin.blockDevice({ params: there.params }))).toBe('404 device_not_found');
    expect(await refusal(admin.unblockDevice({ params: there.params }))).toBe('404 device_not_found');
  });

  test('a device without an installation key cannot be blocked, and the refusal says what to do instead', async () => {
    const device = await enrol(undefined);
    const error = await admin.blockDevice({ params: device.params }).catch((one: unknown) => one);
    expect(error).toMatchObject({ status: 409, code: 'device_not_recognizable' });
    expect(String(error)).toMatch(/require a code for new devices/);
    expect(await works(device.token)).toBe('no error');
  });

  test('an app that enrols while it is being blocked keeps no device', async () => {
    const key = newKey();
    const first = await enrol(key);
    const enrolments = Array.from({ length: 8 }, () => enrol(key).catch(() => null));
    const [, ...devices] = await Promise.all([admin.blockDevice({ params: first.params }), ...enrolments]);
    for (const device of devices) if (device !== null) expect(await works(device.token)).toBe('401 unauthenticated');
    expect(await refusal(enrol(key))).toBe('403 device_blocked');
  });
});

import { randomBytes, randomUUID } from 'node:crypto';
import { ApiError, createClient } from '@spinbay/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startLossyProxy } from '../../../../api/src/testing/lossy-proxy.ts';
import { startTestApi, type TestApi, type TestOrg } from '../../../../api/src/testing.ts';
import { authorizedClient } from './authorized-client.ts';
import { DeviceAuth, type DeviceAuthOptions } from './device-auth.ts';

let api: TestApi;
let org: TestOrg;
let kept: Map<string, unknown>;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  org = await api.makeOrg({ enrolment: 'code' });
  kept = new Map();
});

/** Starts the app on this device. */
function open(over: Partial<DeviceAuthOptions> = {}): Promise<DeviceAuth> {
  return DeviceAuth.open({
    platform: {
      name: 'web',
      model: 'Test phone',
      secrets: { get: async (key) => kept.get(key), set: async (key, value) => void kept.set(key, value) },
      exclusive: (_, work) => work(),
      randomId: randomUUID,
      randomSecret: () => randomBytes(32).toString('base64url'),
    },
    api: api.url,
    orgId: org.orgId,
    appVersion: '1.0.0',
    ...over,
  });
}

async function newCode(): Promise<string> {
  return (await (await api.as(org, 'admin')).createEnrolmentCode({ body: { all_sites: true } })).body.code;
}

async function devices() {
  return (await (await api.as(org, 'admin')).listDevices()).body.items;
}

const sitesAs = (auth: DeviceAuth) => api.client(auth.token()).listSites();

test('a device enrols with its code, and is still enrolled after a restart', async () => {
  const auth = await open();
  expect(auth.state()).toEqual({ status: 'none' });
  expect(await auth.enrol({})).toBe('code_required');
  expect(await auth.enrol({ code: '0000-0000-0000' })).toBe('code_invalid');
  expect(await auth.enrol({ code: await newCode() })).toBeNull();
  const [device] = await devices();
  expect((await open()).state()).toEqual({ status: 'enrolled', deviceId: device?.id, orgId: org.orgId });
  expect((await sitesAs(await open())).body.items).toHaveLength(org.siteIds.length);
});

/** Enrols a device whose reply is lost. Afterwards the connection works again at the same address. */
async function enrolWithoutReply(enrolment: { code?: string }): Promise<void> {
  const proxy = await startLossyProxy(api.url);
  expect(await (await open({ api: proxy.url })).enrol(enrolment)).toBe('offline');
  await expect.poll(async () => (await devices()).length).toBe(1);
  kept.set('enrolling', { ...(kept.get('enrolling') as object), api: api.url });
  await proxy.close();
}

test('an enrolment with a lost reply is repeated as the same device, and uses its code once', async () => {
  const code = await newCode();
  await enrolWithoutReply({ code });
  const auth = await open();
  expect(await auth.enrol({ code })).toBeNull();
  expect(await devices()).toHaveLength(1);
});

test('a device that was revoked after its reply was lost enrols as another device with a new code', async () => {
  const code = await newCode();
  await enrolWithoutReply({ code });
  const [revoked] = await devices();
  await (await api.as(org, 'admin')).revokeDevice({ params: { device_id: revoked?.id as never } });
  expect(await (await open()).enrol({ code })).toBe('code_used');
  const auth = await open();
  expect(await auth.enrol({ code: await newCode() })).toBeNull();
  expect(auth.state()).toMatchObject({ status: 'enrolled' });
  expect((await devices()).filter(({ revoked_at }) => revoked_at === null)).toHaveLength(1);
});

test('a device that was revoked after its reply was lost enrols again without a code, if none is needed', async () => {
  org = await api.makeOrg({ enrolment: 'open' });
  await enrolWithoutReply({});
  const [revoked] = await devices();
  await (await api.as(org, 'admin')).revokeDevice({ params: { device_id: revoked?.id as never } });
  expect(await (await open()).enrol({})).toBeNull();
});

test('a stored request with an old secret of the device does not prevent a new enrolment', async () => {
  const auth = await open();
  await auth.enrol({ code: await newCode() });
  // The app ended before it had deleted the request. The secret has been replaced twice since.
  const request = { ...(kept.get('device') as object), device_secret: 'x'.repeat(43), enrolled: false, token: null };
  kept.set('enrolling', request);
  expect(await auth.enrol({ code: await newCode() })).toBeNull();
  expect(await devices()).toHaveLength(2);
});

test('a token that expires soon is refreshed at launch, other tokens are not', async () => {
  const auth = await open();
  await auth.enrol({ code: await newCode() });
  const secret = () => (kept.get('device') as { device_secret: string }).device_secret;
  const enrolledWith = secret();
  await auth.refreshIfDue();
  expect(secret()).toBe(enrolledWith);
  const later = await open({ now: () => Date.now() + 28 * 24 * 3_600_000 });
  await later.refreshIfDue();
  expect(secret()).not.toBe(enrolledWith);
  await sitesAs(later);
  // Twice: the second refresh only works if the secret of the first reply was stored.
  expect(await later.onUnauthorized(later.token())).toBe('refreshed');
  expect(later.state().status).toBe('enrolled');
});

test('a 401 causes a refresh and a retry of the call', async () => {
  const auth = await open();
  await auth.enrol({ code: await newCode() });
  const record = kept.get('device') as { token: object };
  kept.set('device', { ...record, token: { ...record.token, value: 'not a token' } });
  const damaged = await open();
  const client = authorizedClient(createClient({ baseUrl: api.url, token: () => damaged.token() }), damaged);
  expect((await client.listSites()).body.items).toHaveLength(org.siteIds.length);
  expect((await sitesAs(damaged)).status).toBe(200);
});

test('calls that were refused one after the other cause one refresh', async () => {
  await (await open()).enrol({ code: await newCode() });
  const record = kept.get('device') as { token: object };
  kept.set('device', { ...record, token: { ...record.token, value: 'refused' } });
  const auth = await open();
  const secrets = new Set<string>();
  const secretNow = () => secrets.add((kept.get('device') as { device_secret: string }).device_secret).size;
  secretNow();
  const refusals: (() => void)[] = [];
  const listSites = async () => {
    if (auth.token() !== 'refused') return 'sites';
    await new Promise<void>((resolve) => refusals.push(resolve));
    throw new ApiError({ type: '', title: '', status: 401, code: 'unauthenticated' }, null);
  };
  const client = authorizedClient({ listSites } as never, auth);
  const calls = Array.from({ length: 5 }, () => client.listSites());
  for (const [k, refuse] of refusals.entries()) {
    refuse();
    if (k > 1) await calls[k];
  }
  expect(await Promise.all(calls)).toEqual(Array(5).fill('sites'));
  expect(secretNow()).toBe(2);
});

test('refusals at the same time cause one request to a server that does not answer', async () => {
  const auth = await open();
  await auth.enrol({ code: await newCode() });
  kept.set('device', { ...(kept.get('device') as object), api: 'http://127.0.0.1:1' });
  const unreachable = await open({ api: 'http://127.0.0.1:1' });
  let asked = 0;
  const stored = kept;
  kept = new (class extends Map<string, unknown> {
    override get(key: string) {
      if (key === 'device') asked++;
      return super.get(key);
    }
  })(stored);
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => unreachable.onUnauthorized(unreachable.token())));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(asked).toBe(1);
});

test('a window follows an enrolment in another organization that another window has made', async () => {
  const auth = await open();
  await auth.enrol({ code: await newCode() });
  const other = await api.makeOrg({ enrolment: 'open' });
  const seen: (string | null)[] = [];
  auth.subscribe(() => seen.push(auth.orgId()));
  expect(await (await open()).enrol({ org_id: other.orgId })).toBeNull();
  expect(auth.orgId()).toBe(org.orgId);
  await auth.refreshIfDue();
  expect(seen).toEqual([other.orgId]);
});

test('a revoked device says so, keeps its record, and can enrol again', async () => {
  const auth = await open();
  await auth.enrol({ code: await newCode() });
  const [device] = await devices();
  await (await api.as(org, 'admin')).revokeDevice({ params: { device_id: device?.id as never } });
  expect(await auth.onUnauthorized(auth.token())).toBe('signed_out');
  expect(auth.state()).toMatchObject({ status: 'signed_out', why: 'revoked', deviceId: device?.id });
  expect(await auth.enrol({ code: '0000-0000-0000' })).toBe('code_invalid');
  expect(auth.state().status).toBe('signed_out');
  expect(await auth.enrol({ code: await newCode() })).toBeNull();
  expect(auth.state().status).toBe('enrolled');
  expect((await devices()).filter(({ revoked_at }) => revoked_at === null)).toHaveLength(1);
});

test('a blocked app says so, even with a new code, and enrols again after it was unblocked', async () => {
  const auth = await open();
  await auth.enrol({ code: await newCode() });
  const [device] = await devices();
  const admin = await api.as(org, 'admin');
  const request = { params: { device_id: device?.id as never } };
  await admin.blockDevice(request);
  const code = await newCode();
  expect(await (await open()).enrol({ code })).toBe('blocked');
  await admin.unblockDevice(request);
  expect(await (await open()).enrol({ code })).toBeNull();
});

test('without a network the token does not change', async () => {
  const auth = await open();
  await auth.enrol({ code: await newCode() });
  const token = auth.token();
  kept.set('device', { ...(kept.get('device') as object), api: 'http://127.0.0.1:1' });
  const unreachable = await open({ api: 'http://127.0.0.1:1' });
  await expect(unreachable.onUnauthorized(unreachable.token())).rejects.toThrow('http://127.0.0.1:1 does not answer');
  expect([unreachable.token(), unreachable.state().status]).toEqual([token, 'enrolled']);
});

test('a code of another installation or without an organization is refused with an explanation', async () => {
  expect(await (await open()).enrol({ api: 'https://elsewhere.example', code: 'K7QF-3M9X-TR2W' })).toBe('other_server');
  expect(await (await open({ orgId: null })).enrol({ code: 'K7QF-3M9X-TR2W' })).toBe('org_missing');
  expect(await (await open()).enrol({ org_id: randomUUID(), code: 'K7QF-3M9X-TR2W' })).toBe('org_unknown');
});

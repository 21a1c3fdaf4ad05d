import { randomUUID } from 'node:crypto';
import type { ApiError } from '@spinbay/client';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phone, refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
beforeAll(async () => {
  api = await startTestApi({ ownIssuer: true });
  org = await api.makeOrg();
});
afterAll(() => api?.stop());

describe('POST /auth/device', () => {
  const enrol = (over: object = {}) => api.client().authDevice({ body: { ...phone, org_id: org.orgId, ...over } });
  const rowOf = async (id: string) => {
    const { rows } = await api.database.admin.query('select * from devices where id = $1', [id]);
    return rows[0];
  };

  test('enrols a device and returns a token for 30 days', async () => {
    const { body } = await enrol();
    const claims = decodeJwt(body.token);
    expect(claims).toMatchObject({ device_id: body.device_id, org_id: org.orgId, role: 'device' });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(30 * 24 * 3600);
    expect(new Date(body.expires_at).getTime()).toBe((claims.exp ?? 0) * 1000);
    expect(await rowOf(body.device_id)).toMatchObject({ ...phone, org_id: org.orgId, revoked_at: null });
    // The secret of the device is not stored in plain text.
    expect(JSON.stringify(await rowOf(body.device_id))).not.toContain(body.device_secret);
  });

  test('a device with its secret gets a new token, and its app version is recorded', async () => {
    const { body: first } = await enrol();
    await api.database.admin.query(`update devices set last_seen = last_seen - interval '1 day' where id = $1`, [
      first.device_id,
    ]);
    const before = await rowOf(first.device_id);
    const { device_id, device_secret } = first;
    const { body: second } = await enrol({ device_id, device_secret, app_version: '1.1.0' });
    expect(second.device_id).toBe(device_id);
    const after = await rowOf(device_id);
    expect(after).toMatchObject({ app_version: '1.1.0', created_at: before.created_at });
    expect(after.last_seen.getTime() - before.last_seen.getTime()).toBeGreaterThanOrEqual(86_400_000);
  });

  test('an id alone gives no access to a device', async () => {
    const { body: device } = await enrol();
    const { device_id, device_secret } = device;
    expect(await refusal(enrol({ device_id }))).toBe('400 validation_failed');
    expect(await refusal(enrol({ device_id, device_secret: 'guessed' }))).toBe('401 device_secret_invalid');
    // An unknown device and a wrong secret give the same error.
    expect(await refusal(enrol({ device_id: randomUUID(), device_secret }))).toBe('401 device_secret_invalid');
    const other = await api.makeOrg();
    expect(await refusal(enrol({ org_id: other.orgId, device_id, device_secret }))).toBe('401 device_secret_invalid');
  });

  test('a revoked device gets no token', async () => {
    const { body: device } = await enrol();
    await api.database.admin.query('update devices set revoked_at = now() where id = $1', [device.device_id]);
    const { device_id, device_secret } = device;
    expect(await refusal(enrol({ device_id, device_secret }))).toBe('403 device_revoked');
  });

  test('refuses an unknown organization, and a device without the code that its organization requires', async () => {
    expect(await refusal(enrol({ org_id: randomUUID() }))).toBe('400 org_unknown');
    const closed = await api.makeOrg({ enrolment: 'code' });
    expect(await refusal(enrol({ org_id: closed.orgId }))).toBe('403 enrolment_code_required');
    const { rows } = await api.database.admin.query('select 1 from devices where org_id = $1', [closed.orgId]);
    expect(rows).toEqual([]);
  });

  test.each([
    ['an org_id that is not an id', { org_id: 'demo' }, 'body.org_id'],
    ['no org_id', { org_id: undefined }, 'body.org_id'],
    ['no platform', { platform: undefined }, 'body.platform'],
    ['an empty model', { model: '  ' }, 'body.model'],
    ['a model that cannot be stored', { model: 'a\u0000b' }, 'body.model'],
    ['no app_version', { app_version: undefined }, 'body.app_version'],
    ['a number as a version', { app_version: 1 }, 'body.app_version'],
  ])('400 for %s, naming the field', async (_, over, path) => {
    const error = await enrol(over).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 400, code: 'validation_failed', fields: [{ path }] });
  });
});

describe('POST /auth/login', () => {
  const login = async (email: string, over: object = {}) => {
    const { id_token, nonce } = await api.idToken(email);
    return api.client().authLogin({ body: { id_token, nonce, ...over } });
  };

  test('exchanges an identity token for an API token with role and sites, for 8 hours', async () => {
    const { body } = await login(org.emailOf('reviewer'));
    const claims = decodeJwt(body.token);
    const [site] = org.siteIds;
    expect(claims).toMatchObject({ user_id: body.user.id, org_id: org.orgId, site_ids: [site], role: 'reviewer' });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(8 * 3600);
    expect(body.user).toMatchObject({
      email: org.emailOf('reviewer'),
      role: 'reviewer',
      org_id: org.orgId,
      site_ids: [site],
    });
  });

  test('403 for an unknown or disabled person', async () => {
    expect(await refusal(login('stranger@elsewhere.test'))).toBe('403 user_not_in_org');
    expect(await refusal(login(org.emailOf('operator'), { org_id: randomUUID() }))).toBe('403 user_not_in_org');
    const left = await api.makeOrg();
    await api.database.admin.query('update users set disabled_at = now() where org_id = $1', [left.orgId]);
    expect(await refusal(login(left.emailOf('admin')))).toBe('403 user_not_in_org');
    const { rows } = await api.database.admin.query(
      `select e.meta, u.email from events e join users u on u.org_id = e.org_id and u.id = e.entity_id
       where e.org_id = $1 and e.type = 'user.sign_in_refused'`,
      [left.orgId],
    );
    expect(rows).toEqual([{ meta: { reason: 'disabled' }, email: left.emailOf('admin') }]);
  });

  test('401 for an untrusted token', async () => {
    const { id_token, nonce } = await api.idToken(org.emailOf('admin'));
    const reviewers = await api.idToken(org.emailOf('reviewer'));
    const [head, , signature] = reviewers.id_token.split('.');
    const [, forged] = id_token.split('.');
    for (const body of [
      { id_token: 'nonsense' },
      { id_token: `${head}.${forged}.${signature}` },
      { id_token, nonce: `${nonce}x` },
      { id_token: (await api.device(org)).token },
    ])
      expect(await refusal(api.client().authLogin({ body }))).toBe('401 invalid_id_token');
    expect(await refusal(login('unverified@org1.test'))).toBe('401 invalid_id_token');
    for (const body of [{ id_token, nonce }, reviewers])
      expect(await refusal(api.client().authLogin({ body }))).toBe('no error');
  });

  test('an identity token is exchanged once, in any organization', async () => {
    const [one, two] = [await api.makeOrg(), await api.makeOrg()];
    const email = one.emailOf('admin');
    await api.database.admin.query(`update users set email = $1 where org_id = $2 and role = 'admin'`, [
      email,
      two.orgId,
    ]);
    const { id_token, nonce } = await api.idToken(email);
    const exchange = (org_id?: string) =>
      api.client().authLogin({ body: { id_token, nonce, ...(org_id === undefined ? {} : { org_id }) } });
    // A request to choose an organization does not use up the token.
    expect(await refusal(exchange())).toBe('409 org_choice_required');
    const outcomes = await Promise.allSettled([one, two, one, two].map(({ orgId }) => exchange(orgId)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusal(exchange(one.orgId))).toBe('401 invalid_id_token');
    expect(await refusal(exchange(two.orgId))).toBe('401 invalid_id_token');
  });

  test('401 if a web page does not send the nonce', async () => {
    const { id_token, nonce } = await api.idToken(org.emailOf('admin'));
    const fromPage = (body: object) =>
      fetch(`${api.url}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://portal.spinbay.test' },
        body: JSON.stringify(body),
      });
    expect((await fromPage({ id_token })).status).toBe(401);
    expect((await fromPage({ id_token, nonce })).status).toBe(200);
  });

  test('400 without a token', async () => {
    expect(await refusal(api.client().authLogin({ body: { id_token: '' } }))).toBe('400 validation_failed');
  });

  test('a person of two organizations chooses one', async () => {
    const [one, two] = [await api.makeOrg(), await api.makeOrg()];
    const email = one.emailOf('admin');
    await api.database.admin.query(`update users set email = $1 where org_id = $2 and role = 'admin'`, [
      email,
      two.orgId,
    ]);
    const error = await login(email).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 409, code: 'org_choice_required' });
    const nameOf = async (orgId: string) =>
      (await api.database.admin.query('select name from organizations where id = $1', [orgId])).rows[0].name;
    const choices = [one, two].map(async ({ orgId }) => ({ org_id: orgId, name: await nameOf(orgId) }));
    const { organizations } = error as ApiError;
    expect(organizations).toHaveLength(2);
    expect(organizations).toEqual(expect.arrayContaining(await Promise.all(choices)));
    const { body } = await login(email, { org_id: two.orgId });
    expect(body.user).toMatchObject({ org_id: two.orgId, site_ids: [two.siteIds[0]] });
    // An organization that disabled this address is not offered.
    await api.database.admin.query('update users set disabled_at = now() where org_id = $1', [two.orgId]);
    expect((await login(email)).body.user.org_id).toBe(one.orgId);
    expect(await refusal(login(email, { org_id: two.orgId }))).toBe('403 user_not_in_org');
  });

  test('an organization that is being erased does not keep its people from their other organizations', async () => {
    const [one, two, inviting] = [await api.makeOrg(), await api.makeOrg(), await api.makeOrg()];
    const email = one.emailOf('admin');
    const addTo = ({ orgId }: TestOrg, invitation: string) =>
      api.database.admin.query(`update users set email = $1, invitation = $3 where org_id = $2 and role = 'admin'`, [
        email,
        orgId,
        invitation,
      ]);
    await addTo(two, 'accepted');
    await addTo(inviting, 'open');
    const erase = async (of: TestOrg) => {
      const token = (await login(email, { org_id: of.orgId })).body.token;
      const { rows } = await api.database.admin.query('select name from organizations where id = $1', [of.orgId]);
      await api.client(token).eraseOrganization({ body: { organization_name: rows[0].name } });
    };
    await erase(one);
    expect((await login(email)).body.user.org_id).toBe(two.orgId);
    await erase(two);
    expect((await login(email)).body.user.org_id).toBe(inviting.orgId);
  });
});

describe('POST /auth/logout', () => {
  const signIn = async (email = org.emailOf('reviewer')) => {
    const { id_token, nonce } = await api.idToken(email);
    return (await api.client().authLogin({ body: { id_token, nonce } })).body.token;
  };
  const works = async (token: string) => {
    const answer = await api
      .client(token)
      .listSites()
      .catch((error: ApiError) => error.status);
    return typeof answer === 'number' ? answer : answer.status;
  };

  test('ends only the token of the request', async () => {
    const [here, there] = [await signIn(), await signIn()];
    expect(await api.client(here).authLogout()).toMatchObject({ status: 204 });
    expect(await works(here)).toBe(401);
    expect(await works(there)).toBe(200);
    expect(await refusal(api.client(here).authLogout())).toBe('401 unauthenticated');
  });

  test('another instance also refuses the ended token', async () => {
    const token = await signIn();
    const { url, close } = await api.another();
    const ask = () => fetch(`${url}/sites`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask()).status).toBe(200);
    await api.client(token).authLogout({ body: {} });
    expect((await ask()).status).toBe(401);
    await close();
  });

  test('signing out everywhere ends all tokens of this person only, and the next sign-in works', async () => {
    const [here, there, colleague] = [await signIn(), await signIn(), await signIn(org.emailOf('admin'))];
    await api.client(here).authLogout({ body: { everywhere: true } });
    expect(await works(here)).toBe(401);
    expect(await works(there)).toBe(401);
    expect(await works(colleague)).toBe(200);
    expect(await works(await signIn())).toBe(200);
  });

  test('is in the audit log', async () => {
    const token = await signIn();
    await api.client(token).authLogout({ body: { everywhere: true } });
    const { rows } = await api.database.admin.query(
      `select actor_type, actor_id = entity_id as own from events where org_id = $1 and type = 'user.signed_out_everywhere'
       order by id desc limit 1`,
      [org.orgId],
    );
    expect(rows).toEqual([{ actor_type: 'user', own: true }]);
  });

  test('a device cannot sign out, it is revoked instead', async () => {
    const { token } = await api.device(org);
    expect(await refusal(api.client(token).authLogout())).toBe('403 forbidden');
  });
});

test('enrolling and signing in are limited to 100 requests a minute per address', async () => {
  const { url, close } = await api.another();
  const post = (path: string) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  for (const path of ['/auth/device', '/auth/login']) {
    const replies = await Promise.all(Array.from({ length: 100 }, () => post(path)));
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([400]));
    const over = await post(path);
    expect(over.status).toBe(429);
    expect(await over.json()).toMatchObject({ status: 429, code: 'rate_limited' });
    const wait = Number(over.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(over.headers.get('ratelimit-limit')).toBe('100');
    expect(over.headers.get('ratelimit-remaining')).toBe('0');
  }
  await close();
});

test('signing in gives 503 while the issuer is down', async () => {
  const { id_token } = await api.idToken(org.emailOf('admin'));
  await api.oidc.close();
  const { url, close } = await api.another();
  const fresh = await loginAtNewInstance(url, id_token);
  expect(fresh.status).toBe(503);
  expect(fresh.headers.get('retry-after')).not.toBeNull();
  expect(await fresh.json()).toMatchObject({ code: 'unavailable' });
  await close();
});

function loginAtNewInstance(url: string, id_token: string) {
  return fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id_token }),
  });
}

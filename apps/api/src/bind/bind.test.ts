import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { type Client, ConnectionError } from '@spinbay/client';
import { errorsOf, errorTable, Problem, type Route, routes, SiteId, UserId } from '@spinbay/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phone, portalUrl, startTestApi, type TestApi, type TestOrg } from '../testing.ts';

let api: TestApi;
let org: TestOrg;
let device: Client & { token: string };
beforeAll(async () => {
  api = await startTestApi({ durable: true });
  org = await api.makeOrg();
  device = await api.device(org);
});
afterAll(() => api?.stop());

const json = { 'content-type': 'application/json' };
const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(api.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
const bearer = (token = device.token) => ({ authorization: `Bearer ${token}` });

async function problemOf(reply: Response): Promise<Problem> {
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = Problem.parse(await reply.json());
  expect(problem.status).toBe(reply.status);
  expect(problem).toMatchObject({ title: errorTable[problem.code].title, type: `urn:spinbay:error:${problem.code}` });
  expect(problem.request_id).toMatch(/^[0-9a-f-]{36}$/);
  expect(reply.headers.get('x-request-id')).toBe(problem.request_id);
  return problem;
}

describe('a refusal is a problem with a stable code', () => {
  const post =
    (body: string, headers: Record<string, string> = json) =>
    () =>
      send('POST', '/auth/device', headers, body);
  const cases: [name: string, request: () => Promise<Response>, status: number, code: string][] = [
    ['an unknown path', () => send('GET', '/nothing'), 404, 'route_not_found'],
    ['the root', () => send('GET', '/'), 404, 'route_not_found'],
    ['a method that a path does not have', () => send('DELETE', '/sessions'), 404, 'route_not_found'],
    ['a parameter that is too long', () => send('GET', `/sessions/${'a'.repeat(300)}`), 404, 'route_not_found'],
    ['no token', () => send('GET', '/sessions'), 401, 'unauthenticated'],
    ['another scheme', () => send('GET', '/sessions', { authorization: 'Basic YTpi' }), 401, 'unauthenticated'],
    ['an invalid token', () => send('GET', '/sessions', bearer('x')), 401, 'unauthenticated'],
    ['a token in the query', () => send('GET', `/sessions?token=${device.token}`), 401, 'unauthenticated'],
    ['a role without permission', () => send('POST', `/images/${randomUUID()}/publish`, bearer()), 403, 'forbidden'],
    ['a broken body', post('{"org_id":'), 400, 'validation_failed'],
    ['an empty body', post(''), 400, 'validation_failed'],
    ['no body', () => send('POST', '/auth/device'), 400, 'validation_failed'],
    ['null', post('null'), 400, 'validation_failed'],
    ['a list', post('[]'), 400, 'validation_failed'],
    ['a form', post('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'unsupported_media_type'],
    ['text', post('{}', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type'],
    ['an invalid content type', post('{}', { 'content-type': 'json' }), 415, 'unsupported_media_type'],
    ['a body that is too large', post(`"${'x'.repeat(1024 * 1024)}"`), 413, 'body_too_large'],
    ['a parameter twice', () => send('GET', '/sessions?limit=1&limit=2', bearer()), 400, 'validation_failed'],
  ];
  test.each(cases)('%s', async (_, request, status, code) => {
    const reply = await request();
    expect([reply.status, (await problemOf(reply)).code]).toEqual([status, code]);
  });

  test('a path that cannot be decoded', async () => {
    // `fetch` would correct it.
    const text = await raw(`GET /sessions/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text).toMatch(/content-type: application\/problem\+json/i);
    expect(text).toContain('"code":"route_not_found"');
  });

  test('a 401 has a WWW-Authenticate header', async () => {
    expect((await send('GET', '/sessions')).headers.get('www-authenticate')).toBe('Bearer');
  });

  test('a refusal lists all errors with their paths in the request', async () => {
    const reply = await send(
      'PATCH',
      '/sessions/x',
      { ...json, ...bearer() },
      '{"status":"done","completed_at":"today"}',
    );
    const { errors = [] } = await problemOf(reply);
    expect(errors.map((error) => error.path)).toEqual(['params.session_id', 'body.status', 'body.completed_at']);
  });

  test('a refusal lists at most 50 errors, and says how many there are', async () => {
    const stills = Array.from({ length: 150 }, () => ({ name: '!' }));
    const body = JSON.stringify({
      site_id: org.siteIds[0],
      vehicle: { stock: 'A' },
      mode: 'stills',
      shot_list: { stills },
    });
    const problem = await problemOf(await send('POST', '/sessions', { ...json, ...bearer() }, body));
    expect(problem.errors).toHaveLength(50);
    expect(problem.detail).toMatch(/^15\d errors were found; the first 50 are listed\.$/);
  });
});

test('every reply has a request id for searching the log, and security headers', async () => {
  const reply = await send('GET', '/sessions', bearer());
  expect(reply.status).toBe(200);
  expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  expect(reply.headers.get('cache-control')).toBe('no-store');
});

test('pages of the portal may call the API, other pages may not', async () => {
  const preflight = (origin: string) =>
    send('OPTIONS', '/sessions', {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,content-type,if-none-match',
    });
  const allowed = await preflight(portalUrl);
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe(portalUrl);
  expect(allowed.headers.get('access-control-allow-methods')).toContain('PATCH');
  expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization, content-type, if-none-match');
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  const called = await send('GET', '/sessions', { ...bearer(), origin: portalUrl });
  expect(called.headers.get('access-control-expose-headers')).toMatch(/^date, etag,/);
  // The page must also be able to read a refusal.
  expect((await send('GET', '/sessions', { origin: portalUrl })).headers.get('access-control-allow-origin')).toBe(
    portalUrl,
  );
});

test('a person with 500 sites is served', async () => {
  const siteIds = Array.from({ length: 500 }, () => SiteId.parse(randomUUID()));
  const { rows } = await api.database.admin.query(`select id from users where org_id = $1 and role = 'admin'`, [
    org.orgId,
  ]);
  const user = { id: UserId.parse(rows[0].id), orgId: org.orgId, siteIds, role: 'admin' as const };
  const { token } = await api.tokens.forUser(user);
  expect((await send('GET', '/sessions', bearer(token))).status).toBe(200);
});

test('no part of a request causes a reply that the route does not declare', async () => {
  const session = await device.createSession({
    body: { site_id: org.siteIds[0], vehicle: { stock: 'FUZZ' }, mode: 'studio360' },
  });
  const session_id = session.body.id;
  const good: [route: Route, path: string, body: Record<string, unknown>][] = [
    [routes.authDevice, '/auth/device', { ...phone, org_id: org.orgId, device_id: randomUUID(), device_secret: 'x' }],
    [routes.authLogin, '/auth/login', { id_token: 'x', nonce: 'x', org_id: org.orgId }],
    [
      routes.createSession,
      '/sessions',
      { id: randomUUID(), site_id: org.siteIds[0], vehicle: { stock: 'A' }, mode: 'stills' },
    ],
    [routes.updateSession, `/sessions/${session_id}`, { status: 'completed', completed_at: '2026-05-04T09:30:00Z' }],
    [
      routes.presignImage,
      '/presign',
      {
        session_id,
        file_name: 'angle_000.jpg',
        content_type: 'image/jpeg',
        content_sha256: '0'.repeat(64),
        content_length: 1,
        captured_at: '2026-05-04T09:30:00Z',
      },
    ],
  ];
  const hostile = fc.oneof(
    fc.constantFrom(
      '\u0000',
      '\ud800',
      "'; drop table images; --",
      '../..',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59-23:59',
      -0,
      1e308,
    ),
    fc.constantFrom({ stock: 'a\u0000' }, { vin: '\ud800' }, { $ne: null }, { toString: 'x' }),
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ unit: 'binary', maxLength: 70 }),
  );
  const places = good.flatMap(([route, path, body]) =>
    Object.keys(body).map((field) => ({ route, path, body, field })),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(places.length - 1), hostile, async (place, value) => {
      const { route, path, body, field } = places[place] as (typeof places)[number];
      const reply = await send(
        route.method,
        path,
        { ...json, ...bearer() },
        JSON.stringify({ ...body, [field]: value }),
      );
      await reply.arrayBuffer();
      const declared = [...Object.keys(route.replies), ...errorsOf(route).map((code) => errorTable[code].status)].map(
        Number,
      );
      expect(declared).toContain(reply.status);
      expect(reply.status).toBeLessThan(500);
    }),
    { numRuns: 200 },
  );
  const hostileQuery = fc.record(
    { limit: fc.string(), offset: fc.string(), site_id: fc.string(), status: fc.string() },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(hostileQuery, async (query) => {
      const reply = await send('GET', `/sessions?${new URLSearchParams(query)}`, bearer());
      await reply.arrayBuffer();
      expect([200, 400]).toContain(reply.status);
    }),
    { numRuns: 50 },
  );
});

test('a server error does not reveal its cause', async () => {
  await api.database.admin.query('alter table sites rename to sites_elsewhere');
  try {
    const reply = await send('GET', '/sites', bearer());
    const problem = await problemOf(reply);
    expect(problem).toEqual({
      type: problem.type,
      title: problem.title,
      status: 500,
      code: 'internal',
      request_id: problem.request_id,
    });
    expect(JSON.stringify(problem)).not.toMatch(/relation|sites_?|select/);
  } finally {
    await api.database.admin.query('alter table sites_elsewhere rename to sites');
  }
  expect((await send('GET', '/sites', bearer())).status).toBe(200);
});

test('a request in progress when the server stops is still answered', async () => {
  const other = await api.another();
  const pending = fetch(`${other.url}/readyz`);
  await fetch(`${other.url}/healthz`);
  const [reply] = await Promise.all([pending, other.close()]);
  expect(reply.status).toBe(200);
  await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
});

test('requests get a 503 with Retry-After while the database is down, and work afterwards', async () => {
  await api.database.postgres.kill();
  try {
    const [sessions, ready, alive, error] = await Promise.all([
      send('GET', '/sessions', bearer()),
      send('GET', '/readyz'),
      send('GET', '/healthz'),
      device.listSites().catch((e: unknown) => e),
    ]);
    expect((await problemOf(sessions)).code).toBe('unavailable');
    expect(Number(sessions.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ status: 'unavailable', checks: { database: 'unavailable' } });
    expect(alive.status).toBe(200);
    expect(error).not.toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ status: 503, code: 'unavailable' });
  } finally {
    await api.database.postgres.restart();
  }
  expect((await send('GET', '/sessions', bearer())).status).toBe(200);
  await expect.poll(async () => (await send('GET', '/readyz')).status, { timeout: 10_000 }).toBe(200);
});

async function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.end(text);
  let reply = '';
  for await (const chunk of socket) reply += chunk;
  return reply;
}

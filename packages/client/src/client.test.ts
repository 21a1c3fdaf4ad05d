import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorTable, SessionId } from '@spinbay/contracts';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import { ApiError, type Client, type ClientOptions, ConnectionError, createClient, UnreadableReply } from './client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A client of a server that always sends this response. */
async function answering(
  status: number,
  body: string,
  headers: Record<string, string> = {},
  options: Partial<ClientOptions> = {},
) {
  const baseUrl = await serve((_, response) => response.writeHead(status, headers).end(body));
  return createClient({ baseUrl, ...options });
}

const problem = (over: object = {}) =>
  JSON.stringify({
    type: 'urn:spinbay:error:session_not_found',
    status: 404,
    code: 'session_not_found',
    title: errorTable.session_not_found.title,
    request_id: 'r-1',
    ...over,
  });
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error' as const,
    (error: unknown) => error,
  );

test('sends the request of a route and parses its reply', async () => {
  const asked: unknown[] = [];
  const baseUrl = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push([request.method, request.url, request.headers.authorization, request.headers['content-type'], body]);
    response.writeHead(200, { 'content-type': 'application/json', etag: '"1"' });
    response.end('{"items":[],"total":0,"next_cursor":null,"added_in_a_later_release":true}');
  });
  const client = createClient({ baseUrl: `${baseUrl}/base/`, token: async () => 'T' });
  const reply = await client.listSessions({ query: { limit: 10, status: undefined } });
  expect(reply).toMatchObject({ status: 200, body: { items: [], total: 0 }, headers: { etag: '"1"' } });
  expect(reply.body).not.toHaveProperty('added_in_a_later_release');
  await client
    .updateSession({ params: { session_id: 'a/../b?c' as SessionId }, body: { status: 'active' } })
    .catch(() => undefined);
  expect(asked).toEqual([
    ['GET', '/base/sessions?limit=10', 'Bearer T', undefined, ''],
    ['PATCH', '/base/sessions/a%2F..%2Fb%3Fc', 'Bearer T', 'application/json', '{"status":"active"}'],
  ]);
});

test('returns a reply without a body for 304', async () => {
  const client = await answering(304, '', { etag: '"1"' });
  const query = { session_id: SessionId.parse(randomUUID()) };
  const reply = await client.listImages({ query }, { headers: { 'if-none-match': '"1"' } });
  expect(reply).toMatchObject({ status: 304, body: null });
});

describe('a refusal is an ApiError', () => {
  test('with its code and a message for people', async () => {
    const errors = [{ path: 'body.vehicle.vin', message: 'too short' }];
    const client = await answering(404, problem({ detail: 'It is gone.', errors }), { 'retry-after': '7' });
    const error = await errorOf(client.listSites());
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 404,
      code: 'session_not_found',
      fields: errors,
      retryAfter: 7,
      requestId: 'r-1',
    });
    expect(String(error)).toBe(
      'ApiError: This session does not exist, or you have no access to it. It is gone. body.vehicle.vin: too short',
    );
  });

  test('with the organizations to choose from', async () => {
    const organizations = [{ org_id: randomUUID(), name: 'Demo Motors' }];
    const client = await answering(409, problem({ status: 409, code: 'org_choice_required', organizations }));
    expect(await errorOf(client.authLogin({ body: { id_token: 'x' } }))).toMatchObject({ organizations });
    const other = await answering(404, problem());
    expect(await errorOf(other.listSites())).toMatchObject({ organizations: [] });
  });

  test('with the code "unknown" and its status if a later release added the code', async () => {
    const client = await answering(409, problem({ status: 409, code: 'from_the_future' }));
    expect(await errorOf(client.listSites())).toMatchObject({ name: 'ApiError', status: 409, code: 'unknown' });
    const sly = await answering(409, problem({ status: 409, code: 'constructor' }));
    expect(await errorOf(sly.listSites())).toMatchObject({ name: 'ApiError', code: 'unknown' });
  });

  test.each([undefined, 'Wed, 21 Oct 2026 07:28:00 GMT', '0', 'soon'])(
    'and ignores Retry-After %j, which is not a positive number of seconds',
    async (value) => {
      const client = await answering(
        429,
        problem({ status: 429, code: 'rate_limited' }),
        value ? { 'retry-after': value } : {},
      );
      expect(await errorOf(client.listSites())).toMatchObject({ status: 429, retryAfter: null });
    },
  );
});

describe('an unreadable reply of an API is not a connection error:', () => {
  const cases: [name: string, status: number, body: string, what: RegExp][] = [
    ['another shape', 200, '{"hello":"world"}', /GET \/sites, status 200: items Invalid input/],
    ['another type', 200, '{"items":[{"id":5}]}', /items\.0\.id Invalid input/],
    ['a list', 200, '[]', /GET \/sites, status 200/],
    ['an unknown status', 202, '{"items":[]}', /GET \/sites, status 202/],
    ['no content instead of a body', 204, '', /GET \/sites, status 204/],
    ['a refusal of another kind', 403, '{"message":"Forbidden"}', /GET \/sites, status 403/],
    ['a refusal with fields of other types', 409, problem({ errors: 'many' }), /GET \/sites, status 409/],
  ];
  test.each(cases)('%s', async (_, status, body, what) => {
    const error = await errorOf((await answering(status, body)).listSites());
    expect(error).toBeInstanceOf(UnreadableReply);
    expect(error).not.toBeInstanceOf(ConnectionError);
    expect(String(error)).toMatch(what);
    expect(String(error)).toMatch(/This version cannot read the reply .*Update this program/);
  });
});

test('accepts unknown enum values and fields of a later release', async () => {
  const id = randomUUID();
  const site = { id, name: 'North', created_at: '2026-05-04T09:30:00Z', kind: 'pop-up' };
  const page = { items: [site], total: 1, next_cursor: 'x' };
  const sites = await answering(200, JSON.stringify(page));
  expect((await sites.listSites()).body.items).toMatchObject([{ id, name: 'North' }]);
});

describe('anything else is a ConnectionError, which can be retried:', () => {
  const cases: [name: string, status: number, body: string, message: RegExp][] = [
    ['the page of a captive portal', 200, '<html>Please sign in to the WiFi</html>', /status 200 without a JSON body/],
    ['a proxy’s page', 502, '<html>Bad Gateway</html>', /status 502 without a JSON body/],
    ['nothing', 200, '', /status 200 without a JSON body/],
    [
      'a gateway whose API is down',
      503,
      '{"message":"Service Unavailable"}',
      /status 503: not a reply of a Spinbay API/,
    ],
    ['a gateway that limits requests', 429, '{"message":"Too Many Requests"}', /status 429: not a reply/],
    ['a list', 500, '[]', /status 500: not a reply/],
  ];
  test.each(cases)('%s', async (_, status, body, message) => {
    const error = await errorOf((await answering(status, body)).listSites());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toMatch(message);
  });

  test('no server', async () => {
    const baseUrl = await serve(() => undefined);
    servers[0]?.close();
    const error = await errorOf(createClient({ baseUrl }).listSites());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toBe(`ConnectionError: ${baseUrl} does not answer (ECONNREFUSED).`);
  });

  test('no reply in time', async () => {
    const baseUrl = await serve(() => undefined);
    const error = await errorOf(createClient({ baseUrl, timeoutMs: 100 }).listSites());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toMatch(/does not answer \(no answer within 0.1 s\)/);
  });

  test('a reply that breaks off', async () => {
    const baseUrl = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"items":[', () => response.destroy());
    });
    const error = await errorOf(createClient({ baseUrl }).listSites());
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toMatch(/status 200 with a reply that broke off/);
  });

  test('a reply that does not end in time', async () => {
    const baseUrl = await serve((_, response) => void response.writeHead(200).write('{'));
    expect(await errorOf(createClient({ baseUrl, timeoutMs: 100 }).listSites())).toBeInstanceOf(ConnectionError);
  });

  test('a redirect, which gets neither token nor body', async () => {
    const got: unknown[] = [];
    const elsewhere = await serve((request, response) => {
      got.push(request.headers);
      response.end();
    });
    for (const status of [301, 302, 307, 308]) {
      const client = await answering(status, '', { location: `${elsewhere}/auth/login` }, { token: () => 'T' });
      const error = await errorOf(client.authLogin({ body: { id_token: 'secret' } }));
      expect(error).toBeInstanceOf(ConnectionError);
    }
    expect(got).toEqual([]);
  });
});

test('rejects with the signal’s reason if the caller aborts', async () => {
  for (const listener of [
    () => undefined,
    (_: unknown, response: { write(text: string): void }) => response.write('{'),
  ]) {
    const baseUrl = await serve(listener as RequestListener);
    const controller = new AbortController();
    const pending = errorOf(createClient({ baseUrl }).listSites({}, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    expect(await pending).toMatchObject({ name: 'AbortError' });
  }
});

test('derives the parameter types of a method from its route', () => {
  type Params<N extends keyof Client> = Parameters<Client[N]>[0];
  expectTypeOf<undefined>().toExtend<Params<'listSessions'>>();
  expectTypeOf<undefined>().not.toExtend<Params<'getSession'>>();
  expectTypeOf<{ params: { session_id: SessionId } }>().toExtend<Params<'getSession'>>();
  expectTypeOf<{ params: { session_id: 5 } }>().not.toExtend<Params<'getSession'>>();
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestOrg } from '../testing.ts';
import { createMemoryCounts } from './request-counts.ts';

let api: TestApi;
let org: TestOrg;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
});
afterAll(() => api?.stop());

/**
 * Sends the head of a request without its body.
 * @returns the reply. `closes` resolves when the server has closed the connection.
 */
async function sendHead(method: string, path: string, headers: Record<string, string>) {
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({ host: hostname, 'content-type': 'application/json', ...headers });
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  let text = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('close', () => {
    closed = true;
  });
  await expect.poll(() => text, { timeout: 20_000 }).toMatch(/\r\n\r\n.*"code":"\w+"/s);
  return {
    status: Number(text.split(' ')[1]),
    code: /"code":"(\w+)"/.exec(text)?.[1],
    closes: async () => {
      if (!closed) await once(socket, 'close');
      return true;
    },
    end: () => socket.destroy(),
  };
}

const megabyte = String(1024 * 1024);

test('an unauthenticated caller is refused before the body arrives, and a large body is never read', async () => {
  const heads: Record<string, string>[] = [{ 'content-length': megabyte }, { 'transfer-encoding': 'chunked' }];
  for (const head of heads) {
    for (const [method, path] of [
      ['POST', '/events'],
      ['POST', '/presign/batch'],
      ['PATCH', '/organization'],
    ] as const) {
      const reply = await sendHead(method, path, { ...head, authorization: 'Bearer x' });
      expect([path, reply.status, reply.code]).toEqual([path, 401, 'unauthenticated']);
      if (path !== '/events' || 'transfer-encoding' in head) expect(await reply.closes()).toBe(true);
      reply.end();
    }
  }
});

test('a role that may not use a route is refused before the body arrives', async () => {
  const device = await api.device(org);
  const reply = await sendHead('POST', '/sites', {
    'content-length': megabyte,
    authorization: `Bearer ${device.token}`,
  });
  expect([reply.status, reply.code]).toEqual([403, 'forbidden']);
  expect(await reply.closes()).toBe(true);
});

test('a body above the limit of its route is refused before it arrives', async () => {
  const device = await api.device(org);
  const head = { 'content-length': megabyte, authorization: `Bearer ${device.token}` };
  const reply = await sendHead('POST', '/presign', head);
  expect([reply.status, reply.code]).toEqual([413, 'body_too_large']);
  reply.end();
});

test('a malformed body counts against the limit of its route', async () => {
  const { url } = await api.another({ counts: createMemoryCounts() });
  const device = await api.device(org);
  const post = (path: string, body: string) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${device.token}` },
      body,
    });
  const left = async (body: string) => {
    const reply = await post('/presign', body);
    return [reply.status, Number(reply.headers.get('ratelimit-remaining'))];
  };
  expect(await left('{')).toEqual([400, 499]);
  expect(await left('{}')).toEqual([400, 498]);
  expect(await left(JSON.stringify({ file_name: 'x'.repeat(100_000) }))).toEqual([413, 497]);
  const enrol = await post('/auth/device', 'not JSON');
  expect([enrol.status, enrol.headers.get('ratelimit-remaining')]).toEqual([400, '99']);
});

test('failed authentications, unknown paths and malformed paths from one address are limited; a valid token still works', async () => {
  const { url } = await api.another({ counts: createMemoryCounts(), refusalsPerMinute: 5 });
  const device = await api.device(org);
  const ask = async (path: string, token?: string) => {
    const reply = await fetch(url + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    return [reply.status, reply.headers.has('retry-after')];
  };
  expect(await ask('/sessions', 'x')).toEqual([401, false]);
  expect(await ask('/sessions')).toEqual([401, false]);
  expect(await ask('/nothing')).toEqual([404, false]);
  expect(await ask(`/sessions/${'a'.repeat(300)}`)).toEqual([404, false]);
  expect(await ask('/sessions', `${device.token}x`)).toEqual([401, false]);
  expect(await ask('/sessions', 'x')).toEqual([429, true]);
  expect(await ask('/nothing')).toEqual([429, true]);
  expect(await ask('/sites', device.token)).toEqual([200, false]);
});

test('a revoked device counts as a failed authentication', async () => {
  const { url } = await api.another({ counts: createMemoryCounts(), refusalsPerMinute: 1 });
  const device = await api.device(org);
  await api.database.admin.query('update devices set revoked_at = now() where id = $1', [device.deviceId]);
  const ask = () => fetch(`${url}/sites`, { headers: { authorization: `Bearer ${device.token}` } });
  expect([(await ask()).status, (await ask()).status]).toEqual([401, 429]);
});

test('/readyz is limited for each address', async () => {
  const { url } = await api.another({ counts: createMemoryCounts() });
  const replies = await Promise.all(Array.from({ length: 121 }, () => fetch(`${url}/readyz`)));
  const statuses = replies.map((reply) => reply.status).sort();
  expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([120, 429]);
});

test('the rows that a large offset skips count against a limit; a cursor and the first thousand rows do not', async () => {
  const { url } = await api.another({ counts: createMemoryCounts() });
  const device = await api.device(org);
  const ask = (query: string) =>
    fetch(`${url}/sessions?${query}`, { headers: { authorization: `Bearer ${device.token}` } });
  const statuses = async (query: string, times: number) => {
    const all: number[] = [];
    for (let k = 0; k < times; k += 1) all.push((await ask(query)).status);
    return all;
  };
  expect(await statuses('offset=10000000', 2)).toEqual([400, 400]);
  expect(await statuses('offset=400000', 3)).toEqual([200, 200, 429]);
  expect(await statuses('offset=1000', 2)).toEqual([200, 200]);
  expect(await (await ask('offset=400000')).json()).toMatchObject({ detail: expect.stringContaining('cursor') });
});

test('a number outside its bounds is refused, and the error names the bounds', async () => {
  const device = await api.device(org);
  const reply = await fetch(`${api.url}/sessions?limit=201&offset=1000001`, {
    headers: { authorization: `Bearer ${device.token}` },
  });
  expect(await reply.json()).toMatchObject({
    errors: [
      { path: 'query.limit', message: expect.stringContaining('from 1 to 200') },
      { path: 'query.offset', message: expect.stringContaining('from 0 to 1000000') },
    ],
  });
});

test.each(['0x10', '1e2', ' 5 ', '5.0', '+5', '', '1_0', '９'])('"%s" is not a number in any query', async (text) => {
  const device = await api.device(org);
  for (const [path, field] of [
    ['/sessions', 'limit'],
    ['/sessions', 'offset'],
    ['/images?session_id=019a0000-0001-7000-8000-000000000001', 'limit'],
  ] as const) {
    const url = new URL(api.url + path);
    url.searchParams.set(field, text);
    const reply = await fetch(url, { headers: { authorization: `Bearer ${device.token}` } });
    const problem = (await reply.json()) as { errors: { path: string }[] };
    expect([reply.status, problem.errors.map((error) => error.path)]).toEqual([400, [`query.${field}`]]);
  }
});

describe('a caller whose role may not use a route', () => {
  test('is limited before the refusal is recorded; other requests and other callers are not affected', async () => {
    const { url } = await api.another({ counts: createMemoryCounts(), refusalsPerMinute: 2 });
    const [device, other] = [await api.device(org), await api.device(org)];
    const ask = async (method: string, path: string, { token } = device) => {
      const reply = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });
      return [reply.status, reply.headers.has('retry-after')];
    };
    expect(await ask('POST', '/sites')).toEqual([403, false]);
    expect(await ask('GET', '/users')).toEqual([403, false]);
    expect(await ask('POST', '/sites')).toEqual([429, true]);
    expect(await ask('GET', '/users')).toEqual([429, true]);
    const recorded = `select from events where entity_id = $1 and type = 'request.refused'`;
    expect((await api.database.admin.query(recorded, [device.deviceId])).rowCount).toBe(2);
    expect(await ask('GET', '/sites')).toEqual([200, false]);
    expect(await ask('POST', '/sites', other)).toEqual([403, false]);
    // The limit of unauthenticated callers of the same address is separate.
    expect(await ask('GET', '/sites', { ...device, token: 'x' })).toEqual([401, false]);
  });
});

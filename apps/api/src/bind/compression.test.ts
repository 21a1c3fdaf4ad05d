import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complete, startSpin, startTestApi, type TestApi, type TestOrg, upload } from '../testing.ts';

let api: TestApi;
let org: TestOrg;
let path: string;
let token: string;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  const device = await api.device(org);
  token = device.token;
  const { id } = await startSpin(device, org.siteIds[0], 'COMPRESSED');
  for (const angle of [0, 15, 30]) await complete(api.database, (await upload(device, id, angle)).storage_key);
  path = `/images?session_id=${id}`;
});
afterAll(() => api?.stop());

/** Gets a reply as it was sent. `fetch` would decompress it. */
function get(from: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
    const sent = request(api.url + from, { headers: { authorization: `Bearer ${token}`, ...headers } }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end();
  });
}

test('a reply is compressed as the client accepts it, with the same content', async () => {
  const plain = await get(path);
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(plain.headers.vary).toMatch(/accept-encoding/);
  const cases: [accepts: string, encoding: string, decode: (body: Buffer) => Buffer][] = [
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0.1, gzip;q=0.9', 'gzip', gunzipSync],
    ['br;q=0, gzip', 'gzip', gunzipSync],
  ];
  for (const [accepts, encoding, decode] of cases) {
    const reply = await get(path, { 'accept-encoding': accepts });
    expect([accepts, reply.headers['content-encoding']]).toEqual([accepts, encoding]);
    expect(decode(reply.body).equals(plain.body)).toBe(true);
    expect(reply.body.length).toBeLessThan(plain.body.length / 2);
  }
  for (const accepts of ['identity', 'zstd', '', 'br;q=0, gzip;q=0']) {
    const reply = await get(path, { 'accept-encoding': accepts });
    expect([accepts, reply.headers['content-encoding']]).toEqual([accepts, undefined]);
  }
});

test('small replies are not compressed', async () => {
  const reply = await get('/sites', { 'accept-encoding': 'br' });
  expect([reply.status, reply.headers['content-encoding']]).toEqual([200, undefined]);
});

test('the ETag of one encoding is valid for the others', async () => {
  const { headers } = await get(path, { 'accept-encoding': 'br' });
  const again = await get(path, { 'accept-encoding': 'gzip', 'if-none-match': String(headers.etag) });
  expect([again.status, again.body.length]).toEqual([304, 0]);
});

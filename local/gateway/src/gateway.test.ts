import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { floodConnections } from '@spinbay/runtime/testing';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from './gateway.ts';

const publicUrl = 'https://studio.example:4443';
const warnings: string[] = [];
let gateway: Gateway;
let ca: string;
let certificate: { key: string; cert: string; authority: string };
const servers: Server[] = [];

/** A service that replies with the request it received. */
async function startUpstream(name: string, answer?: RequestListener): Promise<string> {
  const server = createServer(
    answer ??
      (async (request, response) => {
        const body = await text(request);
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ name, method: request.method, url: request.url, headers: request.headers, body }),
        );
      }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const names = { name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: 'studio.example' }] };
  const made = await generate([{ name: 'commonName', value: 'studio.example' }], { extensions: [names] });
  ca = made.cert;
  certificate = { key: made.private, cert: made.cert, authority: made.cert };
  const gone = await startUpstream('gone');
  await new Promise((resolve) => servers.pop()?.close(resolve));
  gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    publicUrl,
    certificate,
    bucket: 'photos',
    upstreams: {
      portal: await startUpstream('portal'),
      api: await startUpstream('api'),
      capture: gone,
      objects: await startUpstream('objects'),
    },
    log: { warn: (...args: unknown[]) => void warnings.push(String(args.at(-1))) },
  });
});
afterAll(async () => {
  await gateway?.close();
  for (const server of servers) server.close();
});

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends the path unchanged. fetch would normalize it. */
async function ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}) {
  const request = httpsRequest({
    host: '127.0.0.1',
    port: gateway.port,
    servername: 'studio.example',
    ca,
    path,
    method,
    headers: { host: 'studio.example:4443', ...headers },
  });
  request.end(body);
  const [reply] = (await once(request, 'response')) as [IncomingMessage];
  const content = await text(reply);
  const seen = reply.headers['content-type'] === 'application/json' ? JSON.parse(content) : null;
  return { status: reply.statusCode, headers: reply.headers, content, seen };
}

describe('each service', () => {
  test.each([
    ['/', 'portal', '/'],
    ['/sessions/1?frame=2', 'portal', '/sessions/1?frame=2'],
    ['/apiary', 'portal', '/apiary'],
    ['/api/sessions?q=a%20b', 'api', '/sessions?q=a%20b'],
    ['/photos/org/a%20b/c.jpg?X-Amz-Signature=1%2F2', 'objects', '/photos/org/a%20b/c.jpg?X-Amz-Signature=1%2F2'],
    ['/photoshop', 'portal', '/photoshop'],
  ])('%s is answered by the %s, which sees %s', async (path, name, url) => {
    expect((await ask(path)).seen).toMatchObject({ name, url });
  });

  test('gets the original body and headers, including the host, because signatures cover them', async () => {
    const headers = { 'content-type': 'image/jpeg', 'x-amz-checksum-sha256': 'abc=' };
    const { seen } = await ask('/photos/x.jpg', { method: 'PUT', headers, body: 'a photo' });
    expect(seen).toMatchObject({
      method: 'PUT',
      body: 'a photo',
      headers: { ...headers, host: 'studio.example:4443' },
    });
  });

  test('gets the address of the phone from the connection, not from its headers', async () => {
    const claims = {
      'x-forwarded-for': '10.9.9.9',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=10.9.9.9',
      'x-real-ip': '10.9.9.9',
    };
    const { seen } = await ask('/api/sessions', { headers: claims });
    expect(seen.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'studio.example:4443',
    });
    expect(JSON.stringify(seen.headers)).not.toMatch(/10\.9\.9\.9|evil/);
  });
});

describe('not available to phones', () => {
  test.each(['/api/metrics', '/api//metrics', '/api/%6detrics', '/api/metrics/', '/api/metrics?x=1'])(
    'the metrics at %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  test('the deletion and listing of objects, and the queue on the same port', async () => {
    for (const method of ['DELETE', 'POST']) expect((await ask('/photos/x.jpg', { method })).status).toBe(405);
    const { seen } = await ask('/photos/x.jpg', { headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage' } });
    expect(seen.headers).not.toHaveProperty('x-amz-target');
    expect((await ask('/other-bucket/x.jpg')).seen.name).toBe('portal');
  });

  test('a service that runs elsewhere', async () => {
    expect((await ask('/oidc/auth')).status).toBe(404);
  });

  test('everything under another host name, except reads, which are redirected', async () => {
    const moved = await ask('/sessions?page=2', { headers: { host: 'studio.local:4443' } });
    expect([moved.status, moved.headers.location]).toEqual([307, `${publicUrl}/sessions?page=2`]);
    const posted = await ask('/api/auth/device', { method: 'POST', headers: { host: 'evil.example' } });
    expect([posted.status, posted.seen]).toEqual([421, null]);
  });

  test('an absolute URL instead of a path', async () => {
    expect((await ask('http://127.0.0.1:22/')).status).toBe(400);
  });
});

test('a service that does not answer gives a clear error and a log line', async () => {
  const { status, content } = await ask('/capture/');
  expect([status, content]).toEqual([502, 'This Spinbay service does not answer. Try again.\n']);
  expect(warnings).toContain('a request could not be forwarded');
});

test('the certificate authority can be downloaded, and a path without its trailing slash works', async () => {
  const authority = await ask('/ca.crt');
  expect([authority.headers['content-type'], authority.content]).toEqual(['application/x-x509-ca-cert', ca]);
  expect((await ask('/capture')).headers.location).toBe(`${publicUrl}/capture/`);
  expect((await ask('/capture?lang=de')).headers.location).toBe(`${publicUrl}/capture/?lang=de`);
});

test('the error names a port that is in use', async () => {
  const options = {
    host: '127.0.0.1',
    port: gateway.port,
    publicUrl,
    certificate,
    bucket: 'photos',
    upstreams: {},
    log: { warn: () => undefined },
  };
  await expect(startGateway(options)).rejects.toThrow(/SPINBAY_LAN_PORT/);
});

test('during floods of idle connections and of incomplete and slow requests, the gateway answers every address and closes the flood', async () => {
  const tls = { servername: 'studio.example', ca };
  const target = { port: gateway.port, path: '/', headers: { host: 'studio.example:4443' }, tls };
  expect(await floodConnections({ ...target, perAddress: 64, count: 200 })).toEqual([]);
}, 60_000);

test('the gateway answers during a flood of connections that never begin TLS, and closes them', async () => {
  const sockets = Array.from({ length: 600 }, () =>
    connect({ host: '127.0.0.1', port: gateway.port, localAddress: '127.0.0.2' }),
  );
  for (const socket of sockets) socket.on('error', () => undefined).resume();
  try {
    expect((await ask('/')).status).toBe(200);
    await expect.poll(() => sockets.filter((socket) => !socket.destroyed).length).toBeLessThanOrEqual(64);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

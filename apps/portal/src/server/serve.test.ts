import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { defaultQcThresholds } from '@spinbay/contracts';
import { floodConnections } from '@spinbay/runtime/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { securityHeaders } from './security-headers.ts';
import { servePortal } from './serve.ts';

const log = { info: () => {}, error: () => {} };
const config = {
  api_url: 'http://127.0.0.1:4000',
  oidc_issuer: 'https://id.example/realm',
  oidc_client_id: 'spinbay-portal',
  qc: defaultQcThresholds,
};
const script = `console.log(${'"spin",'.repeat(500)} 0);`;

let folder: string;
let portal: Awaited<ReturnType<typeof servePortal>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-portal-'));
  const root = join(folder, 'portal');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Spinbay</title>');
  await writeFile(join(root, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(root, 'assets', 'index-abc123.js'), script);
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(root, 'assets', 'public.txt'), 'public');
  await symlink(join(folder, 'secret.txt'), join(root, 'assets', 'link.txt'));
  const objectsOrigin = 'http://127.0.0.1:4300';
  portal = await servePortal({ host: '127.0.0.1', port: 0, root, config, objectsOrigin, log });
});

afterAll(async () => {
  await portal.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a raw request. Unlike fetch, it does not normalize the path, follow redirects or decode replies. */
function ask(path: string, options: { method?: string; headers?: Record<string, string>; url?: string } = {}) {
  const { hostname, port } = new URL(options.url ?? portal.url);
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject).end();
  });
}

describe('files', () => {
  it('are cached permanently if the name contains a content hash, else revalidated', async () => {
    const asset = await ask('/assets/index-abc123.js');
    expect(asset.status).toBe(200);
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(asset.body.toString()).toBe(script);
    const page = await ask('/');
    expect(page.headers['cache-control']).toBe('no-cache');
    const again = await ask('/', { headers: { 'if-none-match': String(page.headers.etag) } });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
  });

  it('are compressed in an encoding that the browser accepts, each with its own ETag', async () => {
    const accept = (encodings: string) => ask('/assets/index-abc123.js', { headers: { 'accept-encoding': encodings } });
    const [br, gzip, plain, refused] = await Promise.all(
      ['gzip, deflate, br', 'gzip', 'identity', 'br;q=0, gzip;q=0.0'].map(accept),
    );
    expect(brotliDecompressSync(br?.body ?? '').toString()).toBe(script);
    expect(gunzipSync(gzip?.body ?? '').toString()).toBe(script);
    expect(plain?.headers['content-encoding']).toBeUndefined();
    expect(refused?.headers['content-encoding']).toBeUndefined();
    expect(new Set([br, gzip, plain].map((answer) => answer?.headers.etag)).size).toBe(3);
    expect(br?.headers.vary).toBe('accept-encoding');
  });

  it('have no body for HEAD, and support only GET and HEAD', async () => {
    const head = await ask('/assets/index-abc123.js', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe(String(script.length));
    expect(head.body).toHaveLength(0);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await ask('/', { method });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  it('outside the folder are not served', async () => {
    for (const path of [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/..%5csecret.txt',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
      '/assets/link.txt',
      '//secret.txt',
      '/\0secret.txt'.replace('\0', '%00'),
    ]) {
      const answer = await ask(path);
      expect(answer.body.toString(), path).not.toContain('secret');
    }
    expect((await ask('/assets/public.txt')).body.toString()).toBe('public');
    expect((await ask('/assets/link.txt')).status).toBe(404);
  });
});

describe('pages', () => {
  it('are all the same document, but a missing file is not', async () => {
    for (const path of ['/sessions', '/sessions/0190-abc?frame=angle_15', '/login/callback?code=1&state=2', '/else']) {
      const answer = await ask(path);
      expect([answer.status, answer.headers['content-type']], path).toEqual([200, 'text/html; charset=utf-8']);
    }
    for (const path of ['/assets/index-old.js', '/assets/old', '/robots.txt']) {
      const answer = await ask(path);
      expect([answer.status, answer.headers['content-type']], path).toEqual([404, 'text/plain; charset=utf-8']);
    }
  });

  it('get their settings', async () => {
    const answer = await ask('/config.json');
    expect(JSON.parse(answer.body.toString())).toEqual(config);
    expect(answer.headers['cache-control']).toBe('no-cache');
  });

  it('have a policy that allows only what the app needs', async () => {
    for (const path of ['/', '/assets/index-abc123.js', '/nothing.txt', '/config.json']) {
      const { headers } = await ask(path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toMatch(/script-src 'self'(;|$)/);
      expect(policy).toContain("connect-src 'self' http://127.0.0.1:4000 https://id.example;");
      expect(policy).toContain("img-src 'self' data: http://127.0.0.1:4300;");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('same-origin');
    }
  });

  it('allow the host of the token endpoint', () => {
    const headers = securityHeaders(config, 'http://127.0.0.1:4300', 'https://people.example');
    const sources = "'self' http://127.0.0.1:4000 https://id.example https://people.example;";
    expect(headers['content-security-policy']).toContain(`connect-src ${sources}`);
  });
});

describe('other names of this machine', () => {
  it('redirect to the public address', async () => {
    const { port } = new URL(portal.url);
    const publicUrl = `http://127.0.0.1:${port}`;
    const root = join(folder, 'portal');
    const named = await servePortal({
      host: '127.0.0.1',
      port: 0,
      root,
      config,
      objectsOrigin: publicUrl,
      publicUrl,
      log,
    });
    try {
      const at = (host: string, path = '/sessions?page=2') => ask(path, { url: named.url, headers: { host } });
      const moved = await at(`localhost:${port}`);
      expect([moved.status, moved.headers.location]).toEqual([307, `${publicUrl}/sessions?page=2`]);
      expect((await at(`[::1]:${port}`)).headers.location).toBe(`${publicUrl}/sessions?page=2`);
      const questions = '/sign-in?next=/sessions?page=2';
      expect((await at(`localhost:${port}`, questions)).headers.location).toBe(`${publicUrl}${questions}`);
      const trick = await at(`localhost:${port}`, '//evil.example/x');
      expect(trick.headers.location).toBe(`${publicUrl}/evil.example/x`);
      for (const host of [`127.0.0.1:${port}`, 'localhost:1', 'portal.example', `evil.example:${port}`]) {
        expect((await at(host)).status, host).toBe(200);
      }
    } finally {
      await named.close();
    }
  });
});

describe('an app under a path', () => {
  const options = { host: '127.0.0.1', port: 0, config, objectsOrigin: 'http://127.0.0.1:4300', log };
  const publicUrl = 'https://shop.example/capture';

  it('has the path in its page, and the server receives requests without it', async () => {
    const root = join(folder, 'movable');
    await mkdir(root);
    await writeFile(join(root, 'index.html'), '<!doctype html><base href="/" /><link href="icon.svg" />');
    const moved = await servePortal({ ...options, root, publicUrl });
    try {
      for (const path of ['/', '/index.html', '/sessions/1'])
        expect((await ask(path, { url: moved.url })).body.toString()).toContain('<base href="/capture/" />');
    } finally {
      await moved.close();
    }
  });

  it('is refused if its page has no base element', async () => {
    const root = join(folder, 'portal');
    await expect(servePortal({ ...options, root, publicUrl })).rejects.toThrow(/cannot be served under a path/);
  });
});

describe('the server', () => {
  it('says what to do if the app was not built', async () => {
    const options = { host: '127.0.0.1', port: 0, config, objectsOrigin: 'http://127.0.0.1:4300', log };
    await expect(servePortal({ ...options, root: join(folder, 'nowhere') })).rejects.toThrow(/npm run build/);
    await expect(servePortal({ ...options, root: join(folder, 'portal', 'assets') })).rejects.toThrow(/npm run build/);
  });

  it('says that its port is in use', async () => {
    const port = Number(new URL(portal.url).port);
    const options = { host: '127.0.0.1', port, config, objectsOrigin: 'http://127.0.0.1:4300', log };
    await expect(servePortal({ ...options, root: join(folder, 'portal') })).rejects.toThrow(/EADDRINUSE/);
  });

  it('survives malformed requests', async () => {
    const socket = connect(Number(new URL(portal.url).port), '127.0.0.1');
    socket.end('GET http://[ HTTP/1.1\r\nhost: %%%\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve).on('error', resolve).resume());
    expect((await ask('/')).status).toBe(200);
  });
});

it('keeps answering every address during floods of idle connections and of incomplete and slow requests, and closes the connections', async () => {
  expect(await floodConnections({ port: Number(new URL(portal.url).port), path: '/', perAddress: 256 })).toEqual([]);
}, 60_000);

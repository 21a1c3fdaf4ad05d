import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ConnectionError } from './client.ts';
import { UploadRefused, uploadFrame } from './upload.ts';

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

const bytes = new Uint8Array([1, 2, 3]);
const headers = { 'content-type': 'image/jpeg', 'x-amz-tagging': 'a=b' };
const answering = async (status: number, body = '') => ({
  upload_url: await serve(
    (request, response) => void request.resume().on('end', () => response.writeHead(status).end(body)),
  ),
  headers,
});
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error' as const,
    (error: unknown) => error,
  );

test.each([
  ['bytes', bytes],
  ['a blob', new Blob([bytes], { type: 'text/plain' })],
])('puts %s with exactly the headers that were signed', async (_, content) => {
  const got: unknown[] = [];
  const upload_url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { 'content-type': type, 'content-length': length, 'x-amz-tagging': tagging } = request.headers;
    got.push(request.method, request.url, type, length, tagging, [...Buffer.concat(chunks)]);
    response.end();
  });
  await uploadFrame({ upload_url: `${upload_url}/key?X-Amz-Signature=1`, headers }, content);
  expect(got).toEqual(['PUT', '/key?X-Amz-Signature=1', 'image/jpeg', '3', 'a=b', [1, 2, 3]]);
});

test.each([301, 302, 307, 308])('a redirect with status %i is not followed', async (status) => {
  const got: string[] = [];
  const elsewhere = await serve((request, response) => {
    got.push(request.method ?? '');
    response.end();
  });
  const upload_url = await serve(
    (request, response) =>
      void request.resume().on('end', () => response.writeHead(status, { location: elsewhere }).end()),
  );
  expect(await errorOf(uploadFrame({ upload_url, headers }, new Blob([bytes])))).toBeInstanceOf(ConnectionError);
  expect(got).toEqual([]);
});

describe('the store’s refusal comes with its status and code', () => {
  test.each([
    [
      403,
      '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
      'AccessDenied',
    ],
    [400, '<Error><Code>BadDigest</Code></Error>', 'BadDigest'],
    [503, '<html>busy</html>', null],
    [507, '', null],
  ])('%d', async (status, body, code) => {
    const error = await errorOf(uploadFrame(await answering(status, body), bytes));
    expect(error).toBeInstanceOf(UploadRefused);
    expect(error).toMatchObject({ status, code });
    expect(String(error)).toContain(`${status}${code === null ? '' : ` ${code}`}.`);
  });
});

describe('a missing or invalid answer is a ConnectionError:', () => {
  test('a page of a captive portal', async () => {
    const error = await errorOf(uploadFrame(await answering(200, '<html>Please sign in</html>'), bytes));
    expect(error).toBeInstanceOf(ConnectionError);
  });

  test('no server', async () => {
    const target = await answering(200);
    servers[0]?.close();
    const error = await errorOf(uploadFrame(target, bytes));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toContain('ECONNREFUSED');
  });

  test('no answer in time, or one that breaks off', async () => {
    const silent = { upload_url: await serve(() => undefined), headers };
    expect(await errorOf(uploadFrame(silent, bytes, { timeoutMs: 100 }))).toBeInstanceOf(ConnectionError);
    const broken = { upload_url: await serve((request) => void request.destroy()), headers };
    expect(await errorOf(uploadFrame(broken, bytes))).toBeInstanceOf(ConnectionError);
  });
});

test('rejects with the signal’s reason if the caller aborts', async () => {
  const target = { upload_url: await serve(() => undefined), headers };
  const controller = new AbortController();
  const pending = errorOf(uploadFrame(target, bytes, { signal: controller.signal }));
  setTimeout(() => controller.abort(), 50);
  expect(await pending).toMatchObject({ name: 'AbortError' });
});

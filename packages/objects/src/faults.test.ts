import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ObjectMissing, ObjectStoreUnavailable, ObjectTooLarge } from './errors.ts';
import { createObjects, type Objects } from './objects.ts';

// A store that fails in ways that a real one rarely does.
let server: Server;
let answer: RequestListener;
let requests = 0;
let objects: Objects;
/** A client with a stall limit of 0.15 s. */
let impatient: Objects;
/** A client with a stall limit of 1 s, for responses that must not stall on a busy machine. */
let patient: Objects;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-objects-'));
  server = createServer((req, res) => {
    requests++;
    req.resume();
    answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const options = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    bucket: 'spinbay',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  };
  objects = createObjects(options);
  impatient = createObjects({ ...options, stalledAfterMs: 150 });
  patient = createObjects({ ...options, stalledAfterMs: 1_000 });
});
afterEach(() => {
  requests = 0;
});
afterAll(async () => {
  objects?.close();
  impatient?.close();
  patient?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const refuse =
  (status: number, code: string): RequestListener =>
  (req, res) => {
    res.writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': 'r-1' });
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>too fast</Message></Error>`;
    res.end(req.method === 'HEAD' ? undefined : body);
  };
const target = () => join(folder, 'photo.jpg');
const download = (maxBytes = 1000, signal?: AbortSignal) =>
  objects.download('k.jpg', target(), { maxBytes, ...(signal ? { signal } : {}) });

describe('a response of the store', () => {
  test('reports a missing object and leaves no file', async () => {
    answer = refuse(404, 'NoSuchKey');
    await expect(download()).rejects.toBeInstanceOf(ObjectMissing);
    expect(existsSync(target())).toBe(false);
    expect(await objects.head('k.jpg')).toBeNull();
    expect(requests).toBe(2);
  });

  test('reports a missing bucket as a configuration error for every call', async () => {
    answer = refuse(404, 'NoSuchBucket');
    const put = () => objects.put('k', Buffer.from('x'), { contentType: 'a/b' });
    for (const call of [() => download(), () => objects.ready(), put]) {
      await expect(call()).rejects.toThrow(/bucket "spinbay" does not exist .* set S3_BUCKET/);
    }
  });

  test('reports refused access without a retry and names the credentials', async () => {
    answer = refuse(403, 'SignatureDoesNotMatch');
    await expect(objects.ready()).rejects.toThrow(/refuses access .* Check the credentials/);
    expect(requests).toBe(1);
  });

  test('tries a busy store four times before it reports it as unavailable', async () => {
    answer = refuse(503, 'SlowDown');
    const error = await objects.put('k.jpg', Buffer.from('x'), { contentType: 'image/jpeg' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ObjectStoreUnavailable);
    expect((error as ObjectStoreUnavailable).status).toBe(503);
    expect((error as ObjectStoreUnavailable).message).toContain('503 SlowDown: too fast, request r-1');
    // SDK errors hold the sockets and the signed headers of the request. These must not reach a log.
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('authorization');
    expect(requests).toBe(4);
  });

  test('hides a transient fault', async () => {
    answer = (req, res) => (requests < 3 ? refuse(500, 'InternalError')(req, res) : res.end('photo'));
    expect(await download()).toMatchObject({ size: 5 });
    await rm(target());
  });
});

describe('a download', () => {
  test('is rejected before its body if Content-Length is too large', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': 5_000_000 });
      res.write('only the beginning');
    };
    await expect(download()).rejects.toBeInstanceOf(ObjectTooLarge);
    expect(existsSync(target())).toBe(false);
  });

  test('is aborted if the body grows too large', async () => {
    answer = (_req, res) => {
      for (let i = 0; i < 20; i++) res.write(Buffer.alloc(100));
      res.end();
    };
    await expect(download()).rejects.toBeInstanceOf(ObjectTooLarge);
    expect(existsSync(target())).toBe(false);
  });

  test('leaves no file if the connection breaks', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': 500 });
      res.write(Buffer.alloc(200), () => res.destroy());
    };
    await expect(download()).rejects.toBeInstanceOf(ObjectStoreUnavailable);
    expect(existsSync(target())).toBe(false);
  });

  test('is aborted if it stalls and leaves no file', async () => {
    let closed = 0;
    answer = (_req, res) => {
      res.on('close', () => closed++);
      res.writeHead(200, { 'content-length': 500 });
      res.write(Buffer.alloc(200));
    };
    const error = await impatient.download('k.jpg', target(), { maxBytes: 1000 }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ObjectStoreUnavailable);
    expect((error as Error).message).toContain('does not answer (TimeoutError)');
    expect(existsSync(target())).toBe(false);
    await expect.poll(() => closed).toBe(1);
  });

  test('is aborted if it trickles forever', async () => {
    answer = (_req, res) => {
      res.writeHead(200);
      const trickle = setInterval(() => res.write('x'), 20);
      res.on('close', () => clearInterval(trickle));
    };
    await expect(patient.download('k.jpg', target(), { maxBytes: 1e9 })).rejects.toThrow(
      /does not answer \(ETIMEDOUT\)/,
    );
    expect(existsSync(target())).toBe(false);
  });

  test('completes if its pauses stay below the stall limit', async () => {
    answer = (_req, res) => {
      // Longer than the stall limit in total.
      let left = 12;
      const slow = setInterval(() => {
        res.write('12345');
        if (--left === 0) {
          clearInterval(slow);
          res.end();
        }
      }, 100);
    };
    expect(await patient.download('k.jpg', target(), { maxBytes: 1000 })).toMatchObject({ size: 60 });
    await rm(target());
  });

  test('ends at once with the reason of an aborted signal', async () => {
    const controller = new AbortController();
    const reason = new Error('draining');
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': 500 });
      res.write(Buffer.alloc(200), () => controller.abort(reason));
    };
    await expect(download(1000, controller.signal)).rejects.toBe(reason);
    expect(existsSync(target())).toBe(false);
    await expect(download(1000, controller.signal)).rejects.toBe(reason);
  });

  test('never overwrites a file and reports a disk error as such', async () => {
    await writeFile(target(), 'of another process');
    answer = (_req, res) => void res.end('photo');
    await expect(download()).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(target(), 'utf8')).toBe('of another process');
    await rm(target());
    await expect(objects.download('k', join(folder, 'no/such/x'), { maxBytes: 9 })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(requests).toBe(0);
  });
});

test('reports a store that never answers as unavailable', async () => {
  answer = () => undefined;
  await expect(impatient.head('k.jpg')).rejects.toThrow(/does not answer/);
  await expect(impatient.put('k.jpg', Buffer.from('x'), { contentType: 'a/b' })).rejects.toThrow(/does not answer/);
});

test('reports an unreachable store with its address and what to check', async () => {
  const nobody = createObjects({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    bucket: 'spinbay',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const error = await nobody.ready().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ObjectStoreUnavailable);
  expect((error as Error).message).toMatch(/at http:\/\/127.0.0.1:9 does not answer \(ECONNREFUSED\)/);
  nobody.close();
});

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

// A store that misbehaves in ways that a real one does only now and then.
let server: Server;
let answer: RequestListener;
let requests = 0;
let objects: Objects;
/** Takes a store for away that sends nothing for 0.15 s. */
let impatient: Objects;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-objects-'));
  server = createServer((req, res) => {
    requests++;
    req.resume();
    answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  objects = createObjects({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    bucket: 'spinbay',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  });
  impatient = createObjects({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    bucket: 'spinbay',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    stalledAfterMs: 150,
  });
});
afterEach(() => {
  requests = 0;
});
afterAll(async () => {
  objects?.close();
  impatient?.close();
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

describe('what the store answers', () => {
  test('a missing object is missing, and leaves no file', async () => {
    answer = refuse(404, 'NoSuchKey');
    await expect(download()).rejects.toBeInstanceOf(ObjectMissing);
    expect(existsSync(target())).toBe(false);
    expect(await objects.head('k.jpg')).toBeNull();
    expect(requests).toBe(2);
  });

  test('a missing bucket is the fault of the set-up, for objects too', async () => {
    answer = refuse(404, 'NoSuchBucket');
    const put = () => objects.put('k', Buffer.from('x'), { contentType: 'a/b' });
    for (const call of [() => download(), () => objects.ready(), put]) {
      await expect(call()).rejects.toThrow(/bucket "spinbay" does not exist .* set S3_BUCKET/);
    }
  });

  test('refused access names the credentials and is not tried again', async () => {
    answer = refuse(403, 'SignatureDoesNotMatch');
    await expect(objects.ready()).rejects.toThrow(/refuses access .* Check the credentials/);
    expect(requests).toBe(1);
  });

  test('a busy store is asked four times, then it is unavailable', async () => {
    answer = refuse(503, 'SlowDown');
    const error = await objects.put('k.jpg', Buffer.from('x'), { contentType: 'image/jpeg' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ObjectStoreUnavailable);
    expect((error as ObjectStoreUnavailable).status).toBe(503);
    expect((error as ObjectStoreUnavailable).message).toContain('503 SlowDown: too fast, request r-1');
    // The SDK's own errors hold the sockets and the signed headers of the request: none of that in a log.
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('authorization');
    expect(requests).toBe(4);
  });

  test('a passing fault is not seen', async () => {
    answer = (req, res) => (requests < 3 ? refuse(500, 'InternalError')(req, res) : res.end('photo'));
    expect(await download()).toMatchObject({ size: 5 });
    await rm(target());
  });
});

describe('a download', () => {
  test('that says it is too large is refused before its bytes come', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': 5_000_000 });
      res.write('only the beginning');
    };
    await expect(download()).rejects.toBeInstanceOf(ObjectTooLarge);
    expect(existsSync(target())).toBe(false);
  });

  test('that grows too large without saying so is cut', async () => {
    answer = (_req, res) => {
      for (let i = 0; i < 20; i++) res.write(Buffer.alloc(100));
      res.end();
    };
    await expect(download()).rejects.toBeInstanceOf(ObjectTooLarge);
    expect(existsSync(target())).toBe(false);
  });

  test('that breaks off halfway leaves nothing', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'content-length': 500 });
      res.write(Buffer.alloc(200), () => res.destroy());
    };
    await expect(download()).rejects.toBeInstanceOf(ObjectStoreUnavailable);
    expect(existsSync(target())).toBe(false);
  });

  test('that stands still in the middle, its connection open, is given up and leaves nothing', async () => {
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

  test('that trickles on for ever is given up, too', async () => {
    answer = (_req, res) => {
      res.writeHead(200);
      const trickle = setInterval(() => res.write('x'), 20);
      res.on('close', () => clearInterval(trickle));
    };
    await expect(impatient.download('k.jpg', target(), { maxBytes: 1e9 })).rejects.toThrow(
      /does not answer \(ETIMEDOUT\)/,
    );
    expect(existsSync(target())).toBe(false);
  });

  test('that pauses, each time for less than is given up, is complete', async () => {
    answer = (_req, res) => {
      let left = 8;
      const slow = setInterval(() => {
        res.write('12345');
        if (--left === 0) {
          clearInterval(slow);
          res.end();
        }
      }, 30);
    };
    expect(await impatient.download('k.jpg', target(), { maxBytes: 1000 })).toMatchObject({ size: 40 });
    await rm(target());
  });

  test('ends at once when aborted, with the reason of the signal', async () => {
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

  test('never overwrites a file, and a fault of the disk is told as one', async () => {
    await writeFile(target(), 'of somebody else');
    answer = (_req, res) => void res.end('photo');
    await expect(download()).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(target(), 'utf8')).toBe('of somebody else');
    await rm(target());
    await expect(objects.download('k', join(folder, 'no/such/x'), { maxBytes: 9 })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(requests).toBe(0);
  });
});

test('a store that takes requests and never answers is unavailable', async () => {
  answer = () => undefined;
  await expect(impatient.head('k.jpg')).rejects.toThrow(/does not answer/);
  await expect(impatient.put('k.jpg', Buffer.from('x'), { contentType: 'a/b' })).rejects.toThrow(/does not answer/);
});

test('nobody there: unavailable, with the address and what to check', async () => {
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

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBucket, ensureQueues } from '@spinbay/local-cloud/set-up';
import { startTestCloud, type TestCloud } from '@spinbay/local-cloud/testing';
import { createQueue } from '@spinbay/queue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ObjectMissing } from './errors.ts';
import { createObjects, type Objects } from './objects.ts';

const portal = 'http://127.0.0.1:4100';
const photo = randomBytes(300_000);
const sha256Hex = createHash('sha256').update(photo).digest('hex');

let folder: string;
let cloud: TestCloud;
let objects: Objects;
let queueUrl: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-objects-'));
  cloud = await startTestCloud();
  const queues = await ensureQueues({ ...cloud, name: 'photos', maxReceiveCount: 3, visibilitySeconds: 60 });
  queueUrl = queues.queueUrl;
  objects = createObjects({ ...cloud, bucket: 'spinbay' });
  await expect(objects.ready()).rejects.toThrow(/bucket "spinbay" does not exist/);
  const { queueArn } = queues;
  const setUp = { ...cloud, bucket: 'spinbay', corsOrigins: [portal], queueArn, suffixes: ['.jpg', '.heic'] };
  await ensureBucket(setUp);
  await ensureBucket(setUp);
  await objects.ready();
});

afterAll(async () => {
  objects?.close();
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

const conditions = {
  contentType: 'image/jpeg',
  sha256Hex,
  contentLength: photo.length,
  tags: { org_id: 'o-1', shot_name: 'front left' },
};
const send = (url: string, headers: Record<string, string>, body: Uint8Array<ArrayBuffer> = photo) =>
  fetch(url, { method: 'PUT', headers, body });

describe('a signed upload', () => {
  test('accepts exactly the signed bytes and headers, and keeps the tags', async () => {
    const { url, headers } = await objects.presignPut('org/x/1.jpg', conditions);
    expect((await send(url, headers)).status).toBe(200);
    expect(await objects.head('org/x/1.jpg')).toMatchObject({ size: photo.length, contentType: 'image/jpeg' });
    expect(await objects.tags('org/x/1.jpg')).toEqual(conditions.tags);
  });

  test.each<[string, (headers: Record<string, string>) => [Record<string, string>, Uint8Array<ArrayBuffer>]]>([
    ['other bytes of the same length', (headers) => [headers, randomBytes(photo.length)]],
    ['another length', (headers) => [headers, photo.subarray(1)]],
    ['another type', (headers) => [{ ...headers, 'content-type': 'text/html' }, photo]],
    ['other tags', (headers) => [{ ...headers, 'x-amz-tagging': 'org_id=other' }, photo]],
    [
      'another digest',
      (headers) => {
        const other = createHash('sha256').update('other').digest('base64');
        return [{ ...headers, 'x-amz-checksum-sha256': other }, photo];
      },
    ],
    ['no digest', ({ 'x-amz-checksum-sha256': _, ...headers }) => [headers, photo]],
    ['a header that was not signed', (headers) => [{ ...headers, 'x-amz-acl': 'public-read' }, photo]],
  ])('refuses %s', async (_what, change) => {
    const { url, headers } = await objects.presignPut('org/x/refused.jpg', conditions);
    const [sentHeaders, bytes] = change(headers);
    const reply = await send(url, sentHeaders, bytes);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(await objects.head('org/x/refused.jpg')).toBeNull();
  });

  test('expires', async () => {
    const { url, headers } = await objects.presignPut('org/x/late.jpg', conditions, new Date(Date.now() - 901_000));
    const reply = await send(url, headers);
    expect([reply.status, await reply.text()]).toEqual([403, expect.stringContaining('expired')]);
  });

  test('is allowed from the portal and from no other origin', async () => {
    const { url } = await objects.presignPut('org/x/2.jpg', conditions);
    const ask = (origin: string) =>
      fetch(url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-type,x-amz-checksum-sha256,x-amz-tagging',
        },
      });
    expect((await ask(portal)).headers.get('access-control-allow-origin')).toBe(portal);
    expect((await ask('https://evil.example')).status).toBe(403);
  });

  test('sends an event to the queue', async () => {
    const { url, headers } = await objects.presignPut('org/event.jpg', conditions);
    await send(url, headers);
    const queue = createQueue({ ...cloud, queueUrl });
    const bodies: string[] = [];
    for (let i = 0; i < 20 && !bodies.some((body) => body.includes('org/event.jpg')); i++) {
      const messages = await queue.receive({ max: 10, waitSeconds: 2, visibilitySeconds: 60 });
      bodies.push(...messages.map((message) => message.body));
    }
    expect(bodies.filter((body) => body.includes('org/event.jpg'))).toHaveLength(1);
    queue.close();
  });
});

test('with a store that has no tags, an upload has none and none are read', async () => {
  const untagged = createObjects({ ...cloud, bucket: 'spinbay', tags: false });
  const { url, headers } = await untagged.presignPut('org/x/untagged.jpg', conditions);
  expect(Object.keys(headers)).toEqual(['content-type', 'x-amz-checksum-sha256']);
  expect((await send(url, headers)).status).toBe(200);
  expect(await objects.tags('org/x/untagged.jpg')).toEqual({});
  expect(await untagged.tags('org/x/untagged.jpg')).toBeNull();
  untagged.close();
});

describe('reading', () => {
  const key = "org/x/with blank+ü(1)'.jpg_thumb_150.jpg";

  test('works with a signed URL; the store refuses a changed one', async () => {
    await objects.put(key, photo, { contentType: 'image/jpeg', cacheControl: 'private, max-age=86400, immutable' });
    const url = await objects.presignGet(key, { now: new Date(), group: '' });
    const reply = await fetch(url, { headers: { origin: portal } });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('private, max-age=86400, immutable');
    expect(reply.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await reply.arrayBuffer()).equals(photo)).toBe(true);
    expect((await fetch(url.replace('_150', '_600'))).status).toBe(403);
  });

  test('downloads into a file', async () => {
    const file = join(folder, 'photo.jpg');
    await objects.put('org/y.jpg', photo, { contentType: 'image/jpeg' });
    const downloaded = await objects.download('org/y.jpg', file, { maxBytes: photo.length });
    const lastModified = expect.any(Date);
    expect(downloaded).toEqual({ size: photo.length, sha256Hex, contentType: 'image/jpeg', lastModified });
    expect((await readFile(file)).equals(photo)).toBe(true);
  });

  test('reports a missing object', async () => {
    const file = join(folder, 'none.jpg');
    await expect(objects.download('org/none.jpg', file, { maxBytes: 9 })).rejects.toBeInstanceOf(ObjectMissing);
    await expect(objects.tags('org/none.jpg')).rejects.toBeInstanceOf(ObjectMissing);
    expect(await objects.head('org/none.jpg')).toBeNull();
  });
});

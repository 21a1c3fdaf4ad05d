import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@spinbay/client';
import { SessionId } from '@spinbay/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { fetchImages } from './fetch-images.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const sessionId = SessionId.parse(id(999));

function image(n: number) {
  return {
    ...{ id: id(n), session_id: sessionId, angle_deg: null, shot_name: null, status: 'pending' },
    ...{ thumb_keys: null, thumb_urls: null, qc: null, qc_version: null, failure: null, exif: null },
    ...{
      width: null,
      height: null,
      size_bytes: null,
      hash_sha256: null,
      storage_key: `key-${n}`,
      superseded: false,
      slot: null,
    },
    ...{
      captured_at: null,
      created_at: '2026-11-22T10:00:00.000Z',
      uploaded_at: null,
      shown_upload: null,
      original_state: null,
      processed_at: null,
      published_at: null,
    },
    ...{ published_by: null, override: false },
  };
}

/** The state of the server: the number of images, and a version of each page for its ETag. */
const stored = { count: 0, versions: [1, 1, 1], tags: true };
const asked: { offset: number; tag: string | undefined; status: number }[] = [];

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '', 'http://x').searchParams;
  const [offset, limit] = [Number(query.get('offset')), Number(query.get('limit'))];
  // The server leaves out superseded frames by default.
  const count = query.get('superseded') === 'true' ? stored.count : 0;
  const tag = `"v${stored.versions[offset / limit]}"`;
  const known = request.headers['if-none-match'];
  const status = known === tag ? 304 : 200;
  asked.push({ offset, tag: known, status });
  if (stored.tags) response.setHeader('etag', tag);
  if (status === 304) {
    response.writeHead(304).end();
    return;
  }
  const items = Array.from({ length: count }, (_, k) => image(k)).slice(offset, offset + limit);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ items, total: count }));
});
let client: ReturnType<typeof createClient>;
const { signal } = new AbortController();

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = createClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  Object.assign(stored, { count: 24, versions: [1, 1, 1], tags: true });
  asked.length = 0;
});

it('sends the known ETag, and returns the same objects if nothing changed', async () => {
  const first = await fetchImages(client, sessionId, undefined, signal);
  const second = await fetchImages(client, sessionId, first, signal);
  expect(first.items).toHaveLength(24);
  expect(second).toBe(first);
  expect(asked.map(({ tag, status }) => [tag, status])).toEqual([
    [undefined, 200],
    ['"v1"', 304],
  ]);
});

it('returns new images', async () => {
  stored.count = 3;
  const first = await fetchImages(client, sessionId, undefined, signal);
  Object.assign(stored, { count: 5, versions: [2, 1, 1] });
  const second = await fetchImages(client, sessionId, first, signal);
  expect(second.items).toHaveLength(5);
  expect(second.total).toBe(5);
});

it('fetches a long session page by page, and later only the changed page', async () => {
  stored.count = 450;
  const first = await fetchImages(client, sessionId, undefined, signal);
  expect(first.items.map((item) => item.storage_key)).toEqual(Array.from({ length: 450 }, (_, k) => `key-${k}`));
  asked.length = 0;
  stored.versions = [1, 2, 1];
  const second = await fetchImages(client, sessionId, first, signal);
  expect(asked.map(({ offset, status }) => [offset, status])).toEqual([
    [0, 304],
    [200, 200],
    [400, 304],
  ]);
  expect(second.pages[0]).toBe(first.pages[0]);
  expect(second.items).toHaveLength(450);
});

it('stops at a limit and returns the total', async () => {
  stored.count = 2345;
  const snapshot = await fetchImages(client, sessionId, undefined, signal);
  expect(snapshot.items).toHaveLength(2000);
  expect(snapshot.total).toBe(2345);
});

it('works without readable ETags', async () => {
  stored.tags = false;
  const first = await fetchImages(client, sessionId, undefined, signal);
  const second = await fetchImages(client, sessionId, first, signal);
  expect(second.items).toEqual(first.items);
  expect(asked.map(({ tag }) => tag)).toEqual([undefined, undefined]);
});

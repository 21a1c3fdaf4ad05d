import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@spinbay/client';
import { SessionId } from '@spinbay/contracts';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { OutboxBrowser, stateOf } from '../e2e/support/outbox-page.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

let place: Place;
let installation: Installation;
let photos: Buffer[];
let token: string;
let browser: OutboxBrowser;
beforeAll(async () => {
  place = await makePlace();
  const spin = join(place.dataDir, '..', 'spin');
  installation = await start(place);
  await sampleSpin(spin, { size: 'large' });
  const names = Array.from({ length: 24 }, (_, k) => `angle_${String(k * 15).padStart(3, '0')}.jpg`);
  photos = await Promise.all(names.map((name) => readFile(join(spin, name))));
  token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  browser = await OutboxBrowser.prepare(join(place.dataDir, '..', 'browser'), installation.endpoints.portal);
});
afterEach(() => browser?.stop());
afterAll(async () => {
  await installation?.stop();
  await place?.remove();
});

const api = () => installation.endpoints.api;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function addSession(page: Page, stock: string): Promise<string> {
  const id = randomUUID();
  const [site_id = ''] = installation.endpoints.demo.site_ids;
  await page.evaluate((session) => window.outbox.addSession(session), {
    ...{ id, site_id, vehicle: { stock }, mode: 'studio360' as const },
    shot_list: { studio360: { frame_count: 24 } },
    created_at: new Date().toISOString(),
  });
  return id;
}

/** Presses the shutter. Resolves when the app has stored the photo. */
async function shoot(page: Page, session_id: string, k: number): Promise<string> {
  const image_id = randomUUID();
  const photo = { image_id, session_id, angle_deg: k * 15, captured_at: new Date().toISOString() };
  await page.evaluate(
    async ({ base64, photo }) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const original = new Blob([bytes], { type: 'image/jpeg' });
      await window.outbox.addPhoto({ ...photo, content_type: 'image/jpeg', original });
    },
    { base64: (photos[k] ?? Buffer.alloc(0)).toString('base64'), photo },
  );
  return image_id;
}

async function imagesOf(session_id: string) {
  const client = createClient({ baseUrl: api(), token: () => token });
  const query = { session_id: SessionId.parse(session_id), superseded: 'true' };
  return (await client.listImages({ query })).body?.items ?? [];
}

/** What the device has not delivered yet, with the reason. */
async function waiting(page: Page): Promise<string[]> {
  const { items, signedOut, online } = await stateOf(page);
  return items.map(({ kind, upload }) => `${kind} ${JSON.stringify({ ...upload, signedOut, online })}`);
}

const patient = { timeout: 120_000 };

test('stored photos survive SIGKILL of the browser, offline and in the middle of an upload, and each arrives once', async () => {
  await browser.start();
  let page = await browser.open(api(), token);
  await browser.setOffline(true);
  const session = await addSession(page, 'KILL-BROWSER');
  const ids: string[] = [];
  for (let k = 0; k < 12; k++) ids.push(await shoot(page, session, k));
  await page.evaluate((id) => {
    const at = new Date().toISOString();
    return window.outbox.endSession({ session_id: id, status: 'completed', at });
  }, session);
  await browser.kill();

  await browser.start({ offline: true });
  page = await browser.open(api(), token);
  expect((await stateOf(page)).sessions[0]?.photos.map((photo) => photo.image_id)).toEqual(ids);
  await browser.setOffline(false);
  await expect.poll(async () => (await waiting(page)).length, patient).toBeLessThan(13);
  await browser.kill();

  await browser.start();
  page = await browser.open(api(), token);
  await expect.poll(() => waiting(page), patient).toEqual([]);
  const { sessions, storage } = await stateOf(page);
  expect(sessions).toMatchObject([{ id: session, finished: true, status: 'completed' }]);
  // The server has the originals, so they are gone from the device.
  expect(sessions[0]?.photos.some((photo) => photo.has_original)).toBe(false);
  expect(storage).toMatchObject({ low: false, used: expect.any(Number), available: expect.any(Number) });
  const images = await imagesOf(session);
  expect(images.map(({ id }) => id).sort()).toEqual([...ids].sort());
  const digests = photos.slice(0, 12).map(sha256).sort();
  expect(images.map(({ hash_sha256 }) => hash_sha256).sort()).toEqual(digests);
});

test('two tabs show the same photos, and one of them sends', async () => {
  await browser.start();
  const first = await browser.open(api(), token);
  const second = await browser.open(api(), token);
  const session = await addSession(first, 'TWO-TABS');
  const shots = [await shoot(first, session, 0)];
  await expect
    .poll(() => stateOf(second).then(({ sessions }) => sessions.find(({ id }) => id === session)?.photos.length))
    .toBe(1);
  shots.push(await shoot(second, session, 1));
  await first.close();
  shots.push(await shoot(second, session, 2));
  await expect.poll(() => waiting(second), patient).toEqual([]);
  expect((await imagesOf(session)).map(({ id }) => id).sort()).toEqual(shots.sort());
});

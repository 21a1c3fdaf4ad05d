import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, signIn } from '../e2e/support/browser.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

let place: Place;
let installation: Installation;
let browser: Browser;
let later: Server;
let spin: string;
beforeAll(async () => {
  place = await makePlace();
  spin = join(place.dataDir, '..', 'spin');
  [installation, browser] = await Promise.all([start(place), openBrowser()]);
  await sampleSpin(spin);
  later = await laterServer(installation.endpoints.api);
});
afterAll(async () => {
  await browser?.close();
  later?.close();
  await installation?.stop();
  await place?.remove();
});

/** Values that a later release may send instead of the current ones. */
const renamed: Record<string, string> = {
  processed: 'graded',
  completed: 'archived',
  studio360: 'walkaround',
  pass: 'superb',
  v1: 'v9',
};
const enums = new Set(['status', 'mode', 'type', 'profile']);

/** A reply of a possible later release: new values in every enum, a new field in every object. */
function asLater(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asLater);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, inner]) =>
    typeof inner === 'string' && enums.has(key) ? [key, renamed[inner] ?? inner] : [key, asLater(inner)],
  );
  return { ...Object.fromEntries(fields), added_later: { since: '2027' } };
}

/** A whole reply of a possible later release. The signed headers of an upload are a map, so they get no new field. */
function replyOfLater(text: string): string {
  const value = JSON.parse(text) as { headers?: unknown };
  const changed = asLater(value) as { headers?: unknown };
  return JSON.stringify(value.headers === undefined ? changed : { ...changed, headers: value.headers });
}

/** Forwards every request to the current API, and answers like a later one. */
async function laterServer(api: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers: Record<string, string> = {};
    for (const name of ['authorization', 'content-type', 'if-none-match']) {
      const sent = request.headers[name];
      if (typeof sent === 'string') headers[name] = sent;
    }
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
    const reply = await fetch(`${api}${request.url}`, { method: request.method ?? 'GET', headers, ...body });
    const text = await reply.text();
    const etag = reply.headers.get('etag');
    response.writeHead(reply.status, { 'content-type': 'application/json', ...(etag === null ? {} : { etag }) });
    response.end(text === '' ? '' : replyOfLater(text));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('the current command line sends a spin to a later server and shows unknown values unchanged', async () => {
  const api = `http://127.0.0.1:${(later.address() as AddressInfo).port}`;
  const { org_id } = installation.endpoints.demo;
  const run = await spinbay(place, 'ingest', spin, '--stock', 'LATER-1', '--api', api, '--org', org_id, '--json');
  expect(run.stderr).not.toMatch(/cannot read the reply|does not answer/);
  const { images } = JSON.parse(run.stdout) as { images: { status: string; reason: string | null }[] };
  expect(images.map(({ status }) => status)).toEqual(Array(24).fill('graded'));
  // Delivered, but this version cannot know whether "graded" is good.
  expect(run.status).toBe(2);
});

test('the current portal shows the sessions and frames of a later server', async () => {
  await spinbay(place, 'ingest', spin, '--stock', 'LATER-2');
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.route(`${installation.endpoints.api}/**`, async (route) => {
    const reply = await route.fetch();
    const text = await reply.text();
    const isJson = (reply.headers()['content-type'] ?? '').includes('json') && text !== '';
    await route.fulfill({ response: reply, body: isJson ? replyOfLater(text) : text });
  });
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  await expect.poll(() => page.getByTestId('session-status').allInnerTexts()).toContain('archived');
  await page.getByRole('link', { name: /LATER-2/ }).click();
  const frames = page.locator('[data-testid=frame][data-status=graded]');
  await expect.poll(() => frames.count(), { timeout: 60_000 }).toBe(24);
  await frames.first().locator('button[data-frame]').click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByText('Something went wrong on this page').count()).toBe(0);
  expect(faults).toEqual([]);
  await page.close();
});

import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openBrowser, signIn } from './support/browser.ts';
import { type Installation, makePlace, type Place, spinbay, start } from './support/installation.ts';
import { sampleSpin } from './support/sample-spin.ts';

let place: Place;
let installation: Installation;
let browser: Browser;
let spin: string;

beforeAll(async () => {
  place = await makePlace();
  spin = join(place.dataDir, '..', 'spin');
  [installation, browser] = await Promise.all([start(place), openBrowser()]);
  await sampleSpin(spin, { size: 'large', blur: [7, 15], missing: [11] });
});
// Open pages keep polling and slow down later tests.
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
afterAll(async () => {
  await browser?.close();
  await installation?.stop();
  await place?.remove();
});

async function newPage(): Promise<{ page: Page; faults: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return { page, faults };
}

test('a reviewer signs in, watches a spin arrive, sees every badge and opens a frame large', async () => {
  const { page, faults } = await newPage();
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  const ingest = spinbay(place, 'ingest', spin, '--stock', 'LIVE-1', '--json');
  await page.getByRole('link', { name: /LIVE-1/ }).click({ timeout: 60_000 });
  const badges = page.getByTestId('qc-badge');
  await expect.poll(() => badges.count(), { timeout: 120_000 }).toBe(23);
  const result = await ingest;

  // Two frames are blurred, and one is missing.
  expect(result.status).toBe(2);
  const { images, session_id } = JSON.parse(result.stdout) as {
    session_id: string;
    images: { status: string; angle_deg: number }[];
  };
  expect(images.filter((image) => image.status === 'failed').map((image) => image.angle_deg)).toEqual([90, 210]);
  expect(page.url()).toContain(session_id);
  expect(await page.locator('[data-testid=qc-badge][data-qc=fail]').count()).toBe(2);
  expect(await page.locator('[data-testid=frame][data-slot=angle_150]').getAttribute('data-status')).toBe('missing');
  expect(await page.locator('[data-testid=frame]').count()).toBe(24);

  await page.locator('[data-testid=frame][data-slot=angle_0]').click();
  const large = page.getByRole('dialog').locator('img').first();
  await expect.poll(() => large.evaluate((img: HTMLImageElement) => img.naturalWidth), { timeout: 30_000 }).toBe(1200);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('[data-testid=frame][data-slot=angle_15]').click();
  await page.getByRole('button', { name: /close/i }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
});

test('a page that was requested before the sign-in opens after it', async () => {
  const { page } = await newPage();
  await page.goto(`${installation.endpoints.portal}/sessions?status=completed`);
  await page.waitForURL(/\/login/);
  await page.getByRole('button', { name: /sign in/i }).click();
  const reviewer = installation.endpoints.demo.users.find((user) => user.role === 'reviewer');
  await page.getByLabel(/e-?mail/i).fill(reviewer?.email ?? '');
  await page.getByLabel(/password/i).fill(reviewer?.password ?? '');
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL(/\/sessions\?status=completed$/);
});

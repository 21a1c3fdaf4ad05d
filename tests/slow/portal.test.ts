import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser, signIn } from '../e2e/support/browser.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

let place: Place;
let installation: Installation;
let browser: Browser;

beforeAll(async () => {
  place = await makePlace();
  const spin = join(place.dataDir, '..', 'spin');
  [installation, browser] = await Promise.all([
    start(place),
    openBrowser(),
    sampleSpin(spin, { blur: [3], missing: [11] }),
  ]);
  // A frame is blurred, so the session stays active.
  expect(await spinbay(place, 'ingest', spin, '--stock', 'LIVE-1')).toMatchObject({ status: 2 });
});
// Open pages keep polling and slow down later tests.
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
afterAll(async () => {
  await browser?.close();
  await installation?.stop();
  await place?.remove();
});

async function newPage(options: { colorScheme?: 'light' | 'dark' } = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  return context.newPage();
}

test.each(['light', 'dark'] as const)('axe finds nothing on any page (%s)', async (colorScheme) => {
  const page = await newPage({ colorScheme });
  await page.goto(`${installation.endpoints.portal}/login`);
  await page.getByRole('button', { name: /sign in/i }).waitFor();
  const found: Record<string, string[]> = { login: await accessibilityFaults(page) };
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  await page.getByRole('link', { name: /LIVE-1/ }).waitFor();
  found.sessions = await accessibilityFaults(page);
  await page.getByRole('link', { name: /LIVE-1/ }).click();
  await page.getByTestId('frame').first().waitFor();
  found.session = await accessibilityFaults(page);
  expect(found).toEqual({ login: [], sessions: [], session: [] });
});

test('ten tabs open ten pages without a click until a sign-out', async () => {
  const { portal } = installation.endpoints;
  const page = await newPage();
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  await page.getByRole('link', { name: /LIVE-1/ }).click();
  await page.getByTestId('frame').first().waitFor();
  const { pathname } = new URL(page.url());
  const tabs = await Promise.all(Array.from({ length: 10 }, () => page.context().newPage()));
  await Promise.all(
    tabs.map(async (tab, k) => {
      await tab.goto(`${portal}${pathname}?frame=angle_${k * 15}`);
      await tab.getByTestId('vehicle').waitFor({ timeout: 120_000 });
      expect(tab.url()).toBe(`${portal}${pathname}?frame=angle_${k * 15}`);
    }),
  );
  // Each tab has its token in its own storage.
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toMatch(/eyJ/);

  // The provider's session has ended without the browser knowing: it must ask the provider.
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  const [asked, ...others] = tabs;
  await Promise.all(others.map((tab) => tab.close()));
  if (!asked) throw new Error('there is no tab');
  await asked.evaluate(() => sessionStorage.clear());
  await asked.reload();
  await asked.waitForURL(/\/login\?return_to=/);
  await asked.getByRole('button', { name: /sign in/i }).waitFor();
  expect(await asked.getByRole('alert').count()).toBe(0);

  // After a sign-out no tab signs in automatically.
  await page.context().addCookies(cookies);
  await page.getByRole('button', { name: /Rita Reviewer/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
  await page.waitForURL(/\/login/);
  const later = await page.context().newPage();
  await later.goto(`${portal}${pathname}`);
  await later.waitForURL(/\/login\?return_to=/);
});

test('signing out ends the token on the server, and signing out everywhere also ends those of other browsers', async () => {
  const { api } = installation.endpoints;
  const tokenOf = (page: Page) =>
    page.evaluate(() => JSON.parse(sessionStorage.getItem('spinbay.identity') ?? '{}').token as string);
  const statusOf = async (token: string) =>
    (await fetch(`${api}/sites`, { headers: { authorization: `Bearer ${token}` } })).status;
  const [studio, home] = [await newPage(), await newPage()];
  for (const page of [studio, home]) await signIn(page, installation.endpoints, 'reviewer@demo.test');
  const [studioToken, homeToken] = [await tokenOf(studio), await tokenOf(home)];
  const choose = async (page: Page, name: string) => {
    await page.getByRole('button', { name: /Rita Reviewer/ }).click();
    await page.getByRole('menuitem', { name, exact: true }).click();
    await page.waitForURL(/\/login/);
  };

  await choose(studio, 'Sign out');
  expect([await statusOf(studioToken), await statusOf(homeToken)]).toEqual([401, 200]);

  // Another browser, because the first one is still being redirected by the provider.
  const office = await newPage();
  await signIn(office, installation.endpoints, 'reviewer@demo.test');
  await choose(office, 'Sign out everywhere');
  expect(await statusOf(homeToken)).toBe(401);
  // The page also asks for changes by itself, so it may have left already.
  await home.reload();
  await home.waitForURL(/\/login/);
});

test('another dealer sees no session of the first, and gets instructions with a working code', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, 'admin@other.test');
  await page.getByText(/no sessions yet/i).waitFor();
  expect(await page.getByText('LIVE-1').count()).toBe(0);

  const { api, demo } = installation.endpoints;
  const first = page.getByTestId('first-session');
  await first.getByRole('button', { name: 'Make an enrolment code' }).click();
  await first.getByRole('button', { name: 'Copy: Enrolment code' }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  const command = await first.locator('dd', { hasText: 'npx spinbay ingest' }).innerText();
  const [, url, org, code] = / --api (\S+) --org (\S+) --code (\S+)/.exec(command) ?? [];
  expect([url, org]).toEqual([api, expect.not.stringContaining(demo.org_id)]);
  const enrolled = await fetch(`${url}/auth/device`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ org_id: org, enrolment_code: code, platform: 'test', model: 'Test', app_version: '1' }),
  });
  expect(enrolled.status).toBe(200);
});

test('the operator of one site does not see the other one', async () => {
  const south = installation.endpoints.demo.site_ids[1] ?? '';
  const folder = join(place.dataDir, '..', 'south');
  const most = Array.from({ length: 22 }, (_, k) => k + 3).join(',');
  const drawn = await spinbay(place, 'sample', folder, '--size', '640x480', '--missing', most);
  expect(drawn.stderr + drawn.stdout).toContain('Next:');
  await spinbay(place, 'ingest', folder, '--stock', 'SOUTH-1', '--site', south);
  const page = await newPage();
  await signIn(page, installation.endpoints, 'operator@demo.test');
  await page.getByRole('link', { name: /LIVE-1/ }).waitFor();
  expect(await page.getByText('SOUTH-1').count()).toBe(0);
});

test('the list shows active sessions first, filters by site, opens a row and refreshes', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  await page.getByRole('link', { name: /SOUTH-1/ }).waitFor();
  const heads = await page.getByRole('columnheader').allInnerTexts();
  expect(heads.map((head) => head.toLowerCase())).toEqual(
    expect.arrayContaining(['vehicle', 'mode', 'operator', 'site', 'status', expect.stringContaining('started')]),
  );
  // LIVE-1 is older, and still active because of its blurred frame.
  const rows = page.getByTestId('session');
  expect(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-status')))).toEqual([
    'active',
    'completed',
  ]);
  expect(await rows.first().innerText()).toMatch(
    /LIVE-1[\s\S]*Studio 360[\s\S]*Tethered camera[\s\S]*Studio North[\s\S]*Active/,
  );

  await page.getByTestId('site-filter').selectOption({ label: 'Studio South' });
  await expect.poll(() => rows.count()).toBe(1);
  expect(page.url()).toContain(`site=${installation.endpoints.demo.site_ids[1]}`);
  const [request] = await Promise.all([
    page.waitForRequest((candidate) => candidate.url().includes('/sessions?')),
    page.getByRole('button', { name: /refresh/i }).click(),
  ]);
  expect(request.url()).toContain('site_id=');
  await rows.first().click();
  await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
  await expect.poll(() => page.getByTestId('vehicle').innerText()).toContain('SOUTH-1');
});

test('the gallery polls cheaply while the session is active, and stops when it is complete', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  const polls: number[] = [];
  const preflights: string[] = [];
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  network.on('Network.requestWillBeSent', ({ request }) => {
    if (request.method === 'OPTIONS' && request.url.includes('/images?')) preflights.push(request.url);
  });
  page.on('response', (response) => {
    if (response.url().includes('/images?')) polls.push(response.status());
  });
  await page.getByRole('link', { name: /LIVE-1/ }).click();
  await expect.poll(() => polls.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
  expect(polls.slice(1)).toEqual(polls.slice(1).map(() => 304));
  // One for the first poll, and one for the first poll with an ETag.
  expect(preflights.length).toBeLessThanOrEqual(2);
  const thumbs = await page
    .getByTestId('frame')
    .locator('img')
    .evaluateAll((all) => all.map((img) => (img as HTMLImageElement).currentSrc));
  expect(thumbs).toHaveLength(23);
  expect(thumbs.every((src) => src.includes('_thumb_600.jpg'))).toBe(true);

  const { api } = installation.endpoints;
  const token = (await spinbay(place, 'token', '--user', 'reviewer@demo.test')).stdout.trim();
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const completed = await fetch(`${api}/sessions/${id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'completed' }),
  });
  expect(completed.status).toBe(200);
  await page.locator('[data-testid=freshness][data-live=false]').waitFor({ timeout: 60_000 });
  // There is one last poll for late changes, and then none for three polling intervals.
  const pollsInTenSeconds = async () => {
    const before = polls.length;
    await page.waitForTimeout(10_000);
    return polls.length - before;
  };
  await expect.poll(pollsInTenSeconds, { timeout: 60_000 }).toBe(0);
});

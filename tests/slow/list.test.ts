import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser, signIn } from '../e2e/support/browser.ts';
import { writeBulkSessions } from '../e2e/support/bulk-sessions.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

const count = 2000;
const patience = { timeout: 30_000 };
const hostile = '<IMG SRC=X ONERROR=ALERT(1)>';

let place: Place;
let installation: Installation;
let browser: Browser;
let token: string;

beforeAll(async () => {
  place = await makePlace();
  [installation, browser] = await Promise.all([start(place), openBrowser()]);
  await writeBulkSessions(installation.endpoints, count);
  token = (await spinbay(place, 'token', '--user', 'reviewer@demo.test')).stdout.trim();
});
// Open pages keep polling and slow down later tests.
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
afterAll(async () => {
  await browser?.close();
  await installation?.stop();
  await place?.remove();
});

async function openList(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  await lines(page).first().waitFor();
  return page;
}

const lines = (page: Page) => page.getByTestId('session');
const state = (page: Page) => page.getByTestId('list-state');
const stocks = (page: Page) => page.getByTestId('session-link').allInnerTexts();

async function startSession(vehicle: { stock?: string; vin?: string }): Promise<string> {
  const { api, demo } = installation.endpoints;
  const response = await fetch(`${api}/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ site_id: demo.site_ids[0], vehicle, mode: 'studio360' }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

async function finish(session: string): Promise<void> {
  const response = await fetch(`${installation.endpoints.api}/sessions/${session}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'abandoned' }),
  });
  expect(response.status).toBe(200);
}

/** Waits until the visible part of the list has rows: a busy browser scrolls first and draws later. */
async function whenDrawn(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const body = document.querySelector('tbody')?.getBoundingClientRect();
    if (!body) return false;
    const rows = [...document.querySelectorAll('[data-testid=session]')].map((row) => row.getBoundingClientRect());
    const isCovered = (y: number) => rows.some(({ top, bottom }) => top <= y && y <= bottom);
    return isCovered(Math.max(0, body.top + 1)) && isCovered(Math.min(window.innerHeight, body.bottom - 1));
  });
}

/** Scrolls down by one window and waits with `whenDrawn`. @returns false at the end of the page */
async function scrollDown(page: Page): Promise<boolean> {
  const moved = await page.evaluate(() => {
    const before = window.scrollY;
    window.scrollBy({ top: window.innerHeight, behavior: 'instant' });
    return window.scrollY > before;
  });
  await whenDrawn(page);
  return moved;
}

/** Waits at the end of the loaded rows for more of them. @returns false if the list says that there are no more */
async function moreRowsLoaded(page: Page): Promise<boolean> {
  const place = await page.evaluate(() => window.scrollY);
  const reply = await page.waitForFunction(() => {
    const { scrollHeight } = document.documentElement;
    if (Math.ceil(window.scrollY + window.innerHeight) < scrollHeight) return 'more';
    return document.querySelector('[data-testid=list-end]')?.getAttribute('data-more') === 'false' ? 'end' : undefined;
  });
  // New rows do not move the page: reaching the end does not scroll further to the next rows.
  expect(await page.evaluate(() => window.scrollY)).toBe(place);
  return (await reply.jsonValue()) === 'more';
}

/**
 * Scrolls down window by window to the end of the list.
 * @returns the row of each stock number, in order of appearance, and the most rows that the page had at once
 */
async function scrollToTheEnd(page: Page): Promise<{ seen: Map<string, number>; maxRows: number }> {
  const seen = new Map<string, number>();
  let maxRows = 0;
  do {
    const drawn = await page.evaluate(() => {
      const all = [...document.querySelectorAll('[data-testid=session]')];
      const at = (row: Element) => Number(row.getAttribute('aria-rowindex'));
      return all.map((row) => [row.querySelector('a')?.textContent ?? '', at(row)] as const);
    });
    maxRows = Math.max(maxRows, drawn.length);
    expect(new Set(drawn.map(([stock]) => stock)).size).toBe(drawn.length);
    for (const [stock, index] of drawn) {
      expect(seen.get(stock) ?? index).toBe(index);
      seen.set(stock, index);
    }
  } while ((await scrollDown(page)) || (await moreRowsLoaded(page)));
  return { seen, maxRows };
}

test('2,000 sessions scroll to the end with few rows in the page, and each appears once', async () => {
  const page = await openList();
  expect(await state(page).innerText()).toMatch(/^2,000 sessions · updated /);
  expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('2001');
  const { seen, maxRows } = await scrollToTheEnd(page);
  expect(seen.size).toBe(count);
  expect([...seen.keys()].slice(0, 2)).toEqual(['BULK-00001', 'BULK-00002']);
  expect(seen.get(`BULK-0${count}`)).toBe(count + 1);
  expect(maxRows).toBeLessThan(50);
});

test('a VIN is found by its end, a stock number by its start, and the address contains the search', async () => {
  const page = await openList();
  await page.getByTestId('search').fill('1');
  await page.getByText('Type at least 2 characters').waitFor();
  await page.getByTestId('search').fill('w001234');
  await expect.poll(() => stocks(page), patience).toEqual(['BULK-01234']);
  expect(page.url()).toMatch(/\/sessions\?q=W001234$/);
  expect(await state(page).innerText()).toMatch(/^1 found/);
  await page.getByTestId('search').fill('bulk-0');
  await expect.poll(() => state(page).innerText(), patience).toMatch(/^more than \d+ found/);
  expect(new Set(await stocks(page)).size).toBe(await lines(page).count());
  await page.reload();
  await expect.poll(() => page.getByTestId('search').inputValue(), patience).toBe('BULK-0');
  await page.getByTestId('search').fill('nothing like it');
  await page.getByText('No session matches these filters').waitFor();
  await page.getByRole('button', { name: 'Show all sessions' }).click();
  await expect.poll(() => state(page).innerText(), patience).toMatch(/^2,000 sessions/);
  expect(await page.getByTestId('search').inputValue()).toBe('');
});

test('the address contains all filters, and going back removes them one by one', async () => {
  const page = await openList();
  await page.getByTestId('mode-filter').selectOption({ label: 'Stills' });
  await expect.poll(() => state(page).innerText(), patience).toMatch(/^200 sessions/);
  expect((await stocks(page)).slice(0, 3)).toEqual(['BULK-00010', 'BULK-00020', 'BULK-00030']);
  await page.getByTestId('status-filter').getByText('Active').click();
  await page.getByText('No session matches these filters').waitFor();
  expect(new URL(page.url()).search).toBe('?status=active&mode=stills');
  await page.goBack();
  await expect.poll(() => state(page).innerText(), patience).toMatch(/^200 sessions/);
  await page.goBack();
  await expect.poll(() => state(page).innerText(), patience).toMatch(/^2,000 sessions/);
});

test.each(['the browser’s back', 'the link'])(
  'back from a session by %s leads to the same place in the list',
  async (way) => {
    const page = await openList();
    await page.getByTestId('mode-filter').selectOption({ label: 'Studio 360' });
    await expect.poll(() => state(page).innerText(), patience).toMatch(/^1,800 sessions/);
    for (let step = 0; step < 4; step++) {
      await page.evaluate(() => window.scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' }));
      expect(await moreRowsLoaded(page)).toBe(true);
    }
    await page.evaluate(() => window.scrollBy({ top: -3000, behavior: 'instant' }));
    await whenDrawn(page);
    const place = await page.evaluate(() => window.scrollY);
    expect(place).toBeGreaterThan(8000);
    const inSight = await page.evaluate(() => {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-testid=session]')];
      return rows.findIndex((row) => row.getBoundingClientRect().top > 300);
    });
    const stock = (await stocks(page))[inSight] ?? '';
    await lines(page).nth(inSight).click();
    await expect.poll(() => page.getByTestId('vehicle').innerText(), patience).toBe(stock);
    if (way === 'the link') await page.getByRole('link', { name: 'All sessions', exact: true }).click();
    else await page.goBack();
    await page.getByRole('link', { name: stock }).waitFor();
    await expect.poll(() => page.evaluate(() => window.scrollY), patience).toBe(place);
    expect(new URL(page.url()).search).toBe('?mode=studio360');
  },
);

test('a new session appears on top automatically, and does not move the rows for people who read further down', async () => {
  const page = await openList();
  await page.evaluate(() => window.scrollTo({ top: 3000, behavior: 'instant' }));
  const link = page.getByRole('link', { name: 'BULK-00036' });
  const placeOf = async () => Math.round((await link.boundingBox())?.y ?? Number.NaN);
  await link.waitFor();
  const place = await placeOf();
  const session = await startSession({ stock: 'PUSHES-1' });
  await expect.poll(() => state(page).innerText(), patience).toMatch(/^2,001 sessions/);
  expect(await placeOf()).toBe(place);
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  await expect.poll(async () => (await stocks(page))[0], patience).toBe('PUSHES-1');
  await finish(session);
});

test('the focused row stays when it is scrolled out of view, and the Tab key continues from it', async () => {
  const page = await openList();
  const link = page.getByRole('link', { name: 'BULK-00003' });
  await link.focus();
  await page.evaluate(() => window.scrollTo({ top: 4000, behavior: 'instant' }));
  await expect.poll(() => page.getByRole('link', { name: 'BULK-00050' }).count(), patience).toBe(1);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('BULK-00003');
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  await page.getByRole('link', { name: 'BULK-00004' }).waitFor();
  for (let step = 0; step < 30; step++) await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('BULK-00033');
});

test('markup in a stock number is shown as text, and a suspicious VIN has a mark, in both layouts', async () => {
  const session = await startSession({ stock: hostile, vin: '1HGCM82633A004353' });
  for (const width of [1280, 390]) {
    const page = await openList({ viewport: { width, height: 900 } });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const row = lines(page).filter({ hasText: hostile });
    await row.waitFor();
    expect(await row.locator('img').count()).toBe(0);
    expect(await row.getByTitle(/9th character of this VIN/).count()).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(dialogs).toEqual([]);
  }
  await finish(session);
});

test.each(['light', 'dark'] as const)(
  'axe finds nothing in the list, wide or narrow, searched or scrolled (%s)',
  async (colorScheme) => {
    const found: Record<string, string[]> = {};
    for (const width of [1280, 390]) {
      const page = await openList({ viewport: { width, height: 900 }, colorScheme });
      await page.evaluate(() => window.scrollTo({ top: 2500, behavior: 'instant' }));
      await page.waitForFunction(() => {
        const rows = [...document.querySelectorAll('[data-testid=session]')].map((row) => row.getBoundingClientRect());
        return rows.some(({ top, bottom }) => top > 0 && bottom < window.innerHeight);
      });
      found[`${width} scrolled`] = await accessibilityFaults(page);
      await page.getByRole('button', { name: 'Appearance' }).click();
      found[`${width} menu`] = await accessibilityFaults(page);
      await page.keyboard.press('Escape');
      await page.getByTestId('search').fill('no such car');
      await page.getByText('No session matches these filters').waitFor();
      found[`${width} nothing found`] = await accessibilityFaults(page);
    }
    expect(Object.values(found).flat()).toEqual([]);
  },
);

test('without the API one banner says so and the list shows its age; both disappear when it is back', async () => {
  const page = await openList();
  const banner = page.getByTestId('offline');
  expect(await banner.innerText()).toBe('');
  await page.context().setOffline(true);
  await page.getByText(/^You are offline/).waitFor();
  expect(await banner.getAttribute('role')).toBe('status');
  await expect.poll(() => state(page).innerText(), patience).toMatch(/not updated since/);
  expect(await lines(page).count()).toBeGreaterThan(5);
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.context().setOffline(false);
  await expect.poll(() => banner.innerText(), patience).toBe('');
  await expect.poll(() => state(page).innerText(), patience).toMatch(/updated/);
});

test('a clock that is three hours off gives no absurd age of the last frame', async () => {
  const folder = `${place.dataDir}-spin`;
  await sampleSpin(folder, { missing: Array.from({ length: 23 }, (_, k) => k + 2) });
  await spinbay(place, 'ingest', folder, '--stock', 'AGED-1');
  for (const hours of [-3, 3]) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript((off) => {
      const { now } = Date;
      Date.now = () => now() + off;
    }, hours * 3600_000);
    await signIn(page, installation.endpoints, 'reviewer@demo.test');
    const age = lines(page).filter({ hasText: 'AGED-1' }).getByTestId('age');
    await expect.poll(() => age.innerText(), patience).toMatch(/last frame\s+(just now|\d+ (s|min) ago)$/);
  }
});

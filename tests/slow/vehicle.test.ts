import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser, signIn } from '../e2e/support/browser.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';

let place: Place;
let browser: Browser;
let installation: Installation;
let token: string;
beforeAll(async () => {
  place = await makePlace();
  [installation, browser] = await Promise.all([start(place), openBrowser()]);
  token = (await spinbay(place, 'token', '--user', 'reviewer@demo.test')).stdout.trim();
});
afterAll(async () => {
  await browser?.close();
  await installation?.stop();
  await place?.remove();
});

async function startSession(site: number, vehicle: { stock?: string; vin?: string }): Promise<string> {
  const { api, demo } = installation.endpoints;
  const reply = await fetch(`${api}/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ site_id: demo.site_ids[site], vehicle, mode: 'stills' }),
  });
  expect(reply.status).toBe(201);
  return ((await reply.json()) as { id: string }).id;
}

async function openSession(id: string, email: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme })).newPage();
  await signIn(page, installation.endpoints, email);
  await page.goto(`${installation.endpoints.portal}/sessions/${id}`);
  await page.getByTestId('vehicle').waitFor();
  return page;
}

const correct = (page: Page) => page.getByRole('button', { name: 'Correct stock number or VIN' });

test('a reviewer corrects stock number and VIN in place; invalid or used values give an error', async () => {
  await startSession(0, { stock: 'TAKEN', vin: '1HGCM82633A004352' });
  const id = await startSession(0, { stock: 'TYPO' });
  const page = await openSession(id, 'reviewer@demo.test');
  await correct(page).click();
  const dialog = page.getByRole('dialog', { name: 'Correct the vehicle' });
  await dialog.waitFor();
  const [stock, vin] = [dialog.getByLabel('Stock number'), dialog.getByLabel('VIN')];
  expect(await stock.inputValue()).toBe('TYPO');
  await vin.fill('1HG');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('A VIN has 17 letters and digits').waitFor();
  await expect.poll(() => vin.evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await accessibilityFaults(page)).toEqual([]);
  await vin.fill('');
  await stock.fill('taken');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').getByText('Another vehicle of this site has stock number TAKEN').waitFor();
  await stock.fill('a 17');
  await vin.fill('5yj3e1ea2kf317000');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  expect(await page.getByTestId('vehicle').textContent()).toBe('A 17');
  await page.getByText('5YJ3E1EA2KF317000').waitFor();
  expect(await correct(page).evaluate((button) => button === document.activeElement)).toBe(true);
  await page.reload();
  await page.getByText('5YJ3E1EA2KF317000').waitFor();
  await page.context().close();
});

test.each(['light', 'dark'] as const)(
  'a person with access to both sites sees that a VIN is at two sites (%s)',
  async (scheme) => {
    const vin = scheme === 'light' ? 'WVWZZZ1JZXW004711' : 'WVWZZZ1JZXW004712';
    await startSession(1, { stock: `S-${scheme}`, vin });
    const id = await startSession(0, { stock: `N-${scheme}`, vin });
    const page = await openSession(id, 'reviewer@demo.test', scheme);
    expect(await page.getByTestId('also-at').textContent()).toMatch(/^This VIN is also at \S.+\.$/);
    expect(await accessibilityFaults(page)).toEqual([]);
    await correct(page).click();
    await page.getByRole('dialog').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.context().close();
    // The operator sees only the first site and cannot correct the vehicle here.
    const operators = await openSession(id, 'operator@demo.test', scheme);
    expect(await operators.getByTestId('also-at').count()).toBe(0);
    expect(await correct(operators).count()).toBe(0);
    await operators.context().close();
  },
);

import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { accessibilityFaults } from '../e2e/support/browser.ts';
import {
  ageSession,
  call,
  eventually,
  images,
  openSession,
  reviewSession,
  statusOfSession,
  tile,
} from '../e2e/support/review-session.ts';

const review = reviewSession();
afterEach(async () => {
  await call('PATCH', `/sessions/${review().id}`, { status: 'active' });
});

const badge = (page: Page) => page.getByTestId('session-status').getAttribute('data-status');
const liveIs = (page: Page, live: boolean) =>
  page.locator(`[data-testid=freshness][data-live=${live}]`).waitFor({ timeout: 60_000 });

test('a reviewer completes a session after a question, reopens it, and abandons it, also by keyboard', async () => {
  const { page, faults } = await openSession();
  const control = page.getByTestId('session-state');
  await control.getByRole('button', { name: 'Complete session' }).focus();
  await page.keyboard.press('Enter');
  const question = page.getByRole('dialog', { name: 'Complete this session as it is?' });
  await question.getByText('5 frames are missing').waitFor();
  await question.getByText('3 frames failed').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  // The focus is on the answer that changes nothing.
  await page.keyboard.press('Enter');
  await question.waitFor({ state: 'detached' });
  expect(await statusOfSession()).toBe('active');

  await control.getByRole('button', { name: 'Complete session' }).click();
  await question.getByRole('button', { name: 'Complete session' }).click();
  await eventually(() => badge(page)).toBe('completed');
  expect(await statusOfSession()).toBe('completed');
  await liveIs(page, false);
  await control.getByRole('button', { name: 'Reopen session' }).click();
  await eventually(() => badge(page)).toBe('active');

  await control.getByRole('button', { name: 'Abandon' }).click();
  await page
    .getByRole('dialog', { name: 'Abandon this session?' })
    .getByRole('button', { name: 'Abandon session' })
    .click();
  await eventually(() => badge(page)).toBe('abandoned');
  expect(await statusOfSession()).toBe('abandoned');
  expect(faults).toEqual([]);
});

test('an administrator deletes a session after a question that names its photos, and restores it', async () => {
  const { page, faults } = await openSession({ email: 'admin@demo.test' });
  await page.getByTestId('erase').getByRole('button', { name: 'More' }).click();
  const item = page.getByRole('menuitem', { name: 'Delete session' });
  expect((await item.boundingBox())?.x).toBeGreaterThanOrEqual(0);
  expect(await accessibilityFaults(page)).toEqual([]);
  await item.click();
  const question = page.getByRole('dialog', { name: /^Delete this session with \d+ photos? of / });
  await question.waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await question.getByRole('button', { name: 'Delete session' }).click();
  await page.getByTestId('erased').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  expect((await call('GET', `/sessions/${review().id}`)).status).toBe(404);
  await page.getByTestId('erased').getByRole('button', { name: 'Undo' }).click();
  await eventually(() => badge(page)).toBe('active');
  expect(faults.filter((fault) => !/status of 404/.test(fault))).toEqual([]);
});

test('the question before a vehicle is deleted names how many of its sessions go with it', async () => {
  const { page, faults } = await openSession({ email: 'admin@demo.test' });
  const { vehicle, site_id } = await (await call('GET', `/sessions/${review().id}`)).json();
  const { stock } = vehicle;
  const added = await call('POST', '/sessions', { site_id, vehicle: { stock }, mode: 'stills' });
  expect(added.status).toBe(201);
  const { id } = await added.json();
  const { total } = await (await call('GET', `/sessions?vehicle_id=${vehicle.id}`)).json();
  expect(total).toBeGreaterThanOrEqual(2);
  await page.getByTestId('erase').getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Delete vehicle' }).click();
  await page.getByRole('dialog', { name: `Delete ${stock} with all its photos, from ${total} sessions?` }).waitFor();
  expect(faults).toEqual([]);
  // The other tests look for the only session of this vehicle.
  const erased = await call('DELETE', `/sessions/${id}?confirm=true`, undefined, 'admin@demo.test');
  expect(erased.status).toBe(202);
});

test('an operator cannot end a session', async () => {
  const { page } = await openSession({ email: 'operator@demo.test' });
  expect(await page.getByTestId('session-state').count()).toBe(0);
});

test('another person sees that the session was completed, with the only poll of the page', async () => {
  const { page } = await openSession();
  const requests: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'GET') requests.push(new URL(request.url()).pathname);
  });
  const polls = () => requests.filter((path) => path === '/images').length;
  await eventually(polls).toBeGreaterThanOrEqual(2);
  expect(requests.filter((path) => path === `/sessions/${review().id}`)).toEqual([]);
  await call('PATCH', `/sessions/${review().id}`, { status: 'completed' });
  await eventually(() => badge(page)).toBe('completed');
  await liveIs(page, false);
});

test.each(['session', 'images'] as const)(
  'a completed session is never shown as live, even if the reply about the %s arrives last',
  async (late) => {
    const { id, installation } = review();
    await call('PATCH', `/sessions/${id}`, { status: 'completed' });
    const urls = {
      session: `${installation.endpoints.api}/sessions/${id}`,
      images: `${installation.endpoints.api}/images?`,
    };
    const first = late === 'session' ? urls.images : urls.session;
    const { page } = await openSession({
      before: async (opened) => {
        await opened.addInitScript(() => {
          const seen = new Set<string>();
          Object.assign(window, { seenLive: seen });
          new MutationObserver(() => {
            const live = document.querySelector('[data-testid=freshness]')?.getAttribute('data-live');
            if (live) seen.add(live);
          }).observe(document, { subtree: true, childList: true, attributes: true });
        });
        const answered = new Promise<void>((resolve) => {
          opened.on('response', (response) => {
            if (response.url().startsWith(first) && response.request().method() === 'GET') resolve();
          });
        });
        await opened.route(
          (url) => url.href.startsWith(urls[late]),
          async (route) => {
            await answered;
            await route.continue();
          },
        );
      },
    });
    await liveIs(page, false);
    const seen = await page.evaluate(() => [...(window as unknown as { seenLive: Set<string> }).seenLive]);
    expect(seen).toEqual(['false']);
  },
);

test('a session without news for some minutes is stalled and polled slowly until somebody looks; news makes it live again', async () => {
  await ageSession(60);
  const { page } = await openSession({ before: (opened) => opened.clock.install() });
  await page.getByText(/^Stalled since \d/).waitFor();
  await page.getByText('5 missing').waitFor();
  await tile(page, 30).getByText('Missing').waitFor();
  const polls: number[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/images' && request.method() === 'GET') polls.push(Date.now());
  });
  // Nobody touches the page for a while.
  await page.clock.fastForward('10:00');
  await eventually(() => polls.length).toBeGreaterThanOrEqual(1);
  const from = polls.length;
  await expect.poll(() => polls.length, { timeout: 60_000 }).toBeGreaterThan(from);
  // A lower bound: on a slow machine the pause is longer.
  expect((polls[from] ?? 0) - (polls[from - 1] ?? 0)).toBeGreaterThan(20_000);
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  const before = polls.length;
  await eventually(() => polls.length).toBeGreaterThanOrEqual(before + 3);
  expect(await page.getByText(/^Stalled since \d/).count()).toBe(1);
  const [image] = await images();
  await call('POST', `/images/${image?.id}/publish`);
  await liveIs(page, true);
});

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser, signIn } from './support/browser.ts';
import { type Installation, makePlace, type Place, processesOf, spinbay, start } from './support/installation.ts';

let place: Place;
let installation: Installation;
let browser: Browser;
let session: string;

/** 5 missing and 3 failed frames: 16 are good. */
const missing = [3, 4, 11, 12, 24];
const blurred = [7, 15, 20];
const failedAngles = [90, 210, 285];

beforeAll(async () => {
  place = await makePlace();
  const spin = join(place.dataDir, '..', 'spin');
  [installation, browser] = await Promise.all([start(place), openBrowser()]);
  await spinbay(place, 'sample', spin, '--size', '1600x1200', '--blur', `${blurred}`, '--missing', `${missing}`);
  const { stdout } = await spinbay(place, 'ingest', spin, '--stock', '<b>R&"1</b>', '--json');
  session = (JSON.parse(stdout) as { session_id: string }).session_id;
});
beforeEach(async () => {
  // Each test begins with nothing published.
  for (const { id, status } of await images())
    if (status === 'published') await call('POST', `/images/${id}/unpublish`);
});
afterAll(async () => {
  await browser?.close();
  await installation?.stop();
  await place?.remove();
});

let token: string | undefined;
async function call(method: string, path: string, body?: object): Promise<Response> {
  token ??= (await spinbay(place, 'token', '--user', 'reviewer@demo.test')).stdout.trim();
  return fetch(installation.endpoints.api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

async function images(): Promise<{ id: string; status: string; angle_deg: number; override: boolean }[]> {
  return (await (await call('GET', `/images?session_id=${session}`)).json()).items;
}

async function statusAt(angle: number): Promise<string | undefined> {
  return (await images()).find((image) => image.angle_deg === angle)?.status;
}

/** A page of the session, signed in. */
async function openSession(
  options: BrowserContextOptions & { email?: string; search?: string; before?: (page: Page) => Promise<unknown> } = {},
): Promise<{ page: Page; faults: string[] }> {
  const { email = 'reviewer@demo.test', search = '', before, ...context } = options;
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context })).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await before?.(page);
  await signIn(page, installation.endpoints, email);
  await page.getByRole('link', { name: /R&"1/ }).click();
  await page.getByTestId('frame').first().waitFor();
  if (search) {
    await page.goto(`${installation.endpoints.portal}/sessions/${session}${search}`);
    await page
      .getByTestId(search.includes('view=360') ? 'viewer' : 'frame')
      .first()
      .waitFor();
  }
  return { page, faults };
}

const tile = (page: Page, angle: number): Locator => page.locator(`[data-testid=frame][data-slot=angle_${angle}]`);
const publishAt = (page: Page, angle: number) => tile(page, angle).getByTestId('publish');
const angleShown = (page: Page) => page.getByRole('slider', { name: '360° view' }).getAttribute('aria-valuenow');
/** Turns by one frame; the viewer draws, and speaks, with the next frame of the screen. */
async function turn(page: Page): Promise<void> {
  await page.keyboard.press('ArrowRight');
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}
const spoken = (page: Page) => page.getByRole('slider', { name: '360° view' }).getAttribute('aria-valuetext');

test('a session turns: gallery and 360 view, by arrow key and by drag, all the way round, with its angle', async () => {
  const { page, faults } = await openSession();
  expect(await page.locator('script[src*=spin-view]').count()).toBe(0);
  await page.getByRole('button', { name: '360 View' }).click();
  const slider = page.getByRole('slider', { name: '360° view' });
  await slider.waitFor();
  expect(page.url()).toMatch(/\?view=360$/);
  await slider.focus();
  const seen: (string | null)[] = [];
  for (let k = 0; k < 24; k++) {
    seen.push(await angleShown(page));
    await turn(page);
  }
  expect(seen).toEqual(Array.from({ length: 24 }, (_, k) => String(k * 15)));
  await expect.poll(() => angleShown(page)).toBe('0');

  const box = await slider.boundingBox();
  if (!box) throw new Error('the viewer is not seen');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2, { steps: 8 });
  await sleep(150);
  await page.mouse.up();
  await expect.poll(() => angleShown(page)).toBe('45');
  await page.waitForURL(/view=360&frame=angle_45$/);
  expect(await page.getByTestId('spin-frame').getAttribute('data-slot')).toBe('angle_45');

  // The address leads back to the same frame, and the gallery is one step away.
  await page.reload();
  await slider.waitFor();
  await expect.poll(() => angleShown(page)).toBe('45');
  await page.getByRole('button', { name: 'Gallery' }).click();
  await page.getByTestId('frame').first().waitFor();
  expect(new URL(page.url()).search).toBe('');
  expect(faults).toEqual([]);
});

test('five missing and three failed frames are marked in the 360 view, and none stops it', async () => {
  const { page } = await openSession({ search: '?view=360' });
  await page.getByRole('slider', { name: '360° view' }).focus();
  const words = new Map<number, string>();
  await expect
    .poll(
      async () => {
        for (let k = 0; k < 24; k++) {
          words.set(Number(await angleShown(page)), (await spoken(page)) ?? '');
          await turn(page);
        }
        return [...words.values()].filter((text) => text.includes('loading')).length;
      },
      { timeout: 60_000 },
    )
    .toBe(0);
  const anglesWith = (pattern: RegExp) => [...words].filter(([, text]) => pattern.test(text)).map(([angle]) => angle);
  expect(anglesWith(/missing.*showing/)).toEqual(missing.map((k) => (k - 1) * 15));
  expect(anglesWith(/failed, blurry: sharpness \d+, needs 100/)).toEqual(failedAngles);
  expect(anglesWith(/passed$/)).toHaveLength(16);
  expect(await page.locator('spinbay-viewer .mark[data-status=missing]').count()).toBe(5);
  expect(await page.locator('spinbay-viewer .mark[data-status=fail]').count()).toBe(3);
  // Where there is nothing, the page says so, and the nearest picture stands for it.
  await page.goto(`${installation.endpoints.portal}/sessions/${session}?view=360&frame=angle_30`);
  await page.getByText('There is no picture of this angle yet.').waitFor();
  await page.getByText('30° is missing. Showing 15°.').waitFor();
});

test('a reviewer publishes a frame, sees when and by whom, and undoes it', async () => {
  const { page, faults } = await openSession();
  const [request] = await Promise.all([
    page.waitForRequest((candidate) => /\/images\/[0-9a-f-]+\/publish$/.test(candidate.url())),
    publishAt(page, 0).click(),
  ]);
  expect(request.method()).toBe('POST');
  await tile(page, 0).getByTestId('published-badge').waitFor();
  await expect
    .poll(() => tile(page, 0).getByTestId('published').innerText())
    .toMatch(/\d{4}, \d\d:\d\d\s+by Rita Reviewer/);
  expect(await statusAt(0)).toBe('published');
  await page.getByTestId('done').getByRole('button', { name: 'Undo' }).click();
  await tile(page, 0).getByRole('button', { name: 'Publish 0°' }).waitFor();
  await expect.poll(() => statusAt(0)).toBe('processed');

  // The same from the frame's large picture, and from the 360 view.
  await tile(page, 15).locator('button[data-frame]').click();
  await page.getByTestId('caption').getByTestId('publish').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo publishing 15°' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish 15°' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('v');
  await page.getByTestId('spin-frame').getByRole('button', { name: 'Publish 15°' }).click();
  await expect.poll(() => statusAt(15)).toBe('published');
  expect(faults).toEqual([]);
});

test('all that passed are published at once, and it is said what is left and why', async () => {
  const { page } = await openSession();
  await page.getByRole('button', { name: 'Publish all that passed (16)' }).click();
  await page.getByTestId('done').getByText('16 published, 3 left: 3 failed').waitFor();
  expect(await page.locator('[data-testid=frame][data-status=published]').count()).toBe(16);
  expect(await page.locator('[data-testid=frame][data-status=failed]').count()).toBe(3);
  expect((await images()).filter((image) => image.status === 'published')).toHaveLength(16);
  await page.getByRole('button', { name: 'All that passed are published' }).waitFor();
  await page.getByTestId('done').getByRole('button', { name: 'Undo' }).click();
  await expect.poll(async () => (await images()).filter((image) => image.status === 'published').length).toBe(0);
  await page.getByRole('button', { name: 'Publish all that passed (16)' }).waitFor();
});

test('a frame that failed is published only after a question', async () => {
  const { page } = await openSession();
  await publishAt(page, 90).click();
  const dialog = page.getByRole('dialog', { name: '90° failed quality control' });
  await dialog.getByText(/blurry: sharpness \d+, needs 100/).waitFor();
  await dialog.getByRole('button', { name: 'Leave it out' }).last().click();
  await dialog.waitFor({ state: 'detached' });
  expect(await statusAt(90)).toBe('failed');
  // The focus is where it was.
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
    .toBe('Publish anyway: 90° failed');
  await publishAt(page, 90).click();
  await dialog.getByRole('button', { name: 'Publish anyway' }).click();
  await tile(page, 90).getByText('Published although it failed').waitFor();
  await expect.poll(async () => (await images()).find((image) => image.angle_deg === 90)?.override).toBe(true);
  await publishAt(page, 90).click();
  await expect.poll(() => statusAt(90)).toBe('failed');
});

test('an operator sees what is published, and no way to publish', async () => {
  const [first] = await images();
  await call('POST', `/images/${first?.id}/publish`);
  const { page } = await openSession({ email: 'operator@demo.test' });
  await tile(page, 0).getByTestId('published').getByText('by Rita Reviewer').waitFor();
  for (const view of ['gallery', 'large', '360'] as const) {
    if (view === 'large') await tile(page, 0).locator('button[data-frame]').click();
    if (view === '360') await page.keyboard.press('v');
    await page.keyboard.press('p');
    expect(await page.getByTestId('publish').count()).toBe(0);
    expect(await page.getByTestId('publish-all').count()).toBe(0);
    if (view === 'large') await page.keyboard.press('Escape');
  }
  expect(await statusAt(0)).toBe('published');
});

test('the keyboard does it all: next, large, zoom, publish, turn, help', async () => {
  const { page, faults } = await openSession();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-frame'))).toBe('angle_15');
  await page.keyboard.press('p');
  await tile(page, 15).getByTestId('published-badge').waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('z');
  await page.waitForURL(/frame=angle_0$/);
  await page.getByTestId('caption').waitFor();
  await page.keyboard.press('j');
  await page.waitForURL(/frame=angle_15$/);
  // Zooming in brings the photo as it was taken.
  await page.waitForTimeout(400);
  await page.keyboard.press('z');
  const original = page.getByTestId('original');
  await expect.poll(() => original.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1600);
  await page.keyboard.press('z');
  await original.waitFor({ state: 'detached' });
  await page.keyboard.press('p');
  await expect.poll(() => statusAt(15)).toBe('processed');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-frame'))).toBe('angle_15');
  await page.keyboard.press('v');
  await page.getByTestId('viewer').waitFor();
  await expect.poll(() => angleShown(page)).toBe('15');
  await page.keyboard.press('k');
  await expect.poll(() => angleShown(page)).toBe('0');

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await help.getByText('Publish the frame, or undo it').waitFor();
  await help.getByLabel('Use these shortcuts').uncheck();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await page.keyboard.press('v');
  await page.waitForTimeout(300);
  expect(await page.getByTestId('viewer').count()).toBe(1);
  expect(faults).toEqual([]);
});

test('what one publishes the other sees, also when the session is complete', async () => {
  const [{ page: one }, { page: other }] = await Promise.all([
    openSession(),
    openSession({ email: 'admin@demo.test' }),
  ]);
  await publishAt(one, 0).click();
  await tile(other, 0).getByTestId('published').getByText('by Rita Reviewer').waitFor({ timeout: 15_000 });

  await call('PATCH', `/sessions/${session}`, { status: 'completed' });
  try {
    for (const page of [one, other]) await page.locator('[data-testid=freshness][data-live=false]').waitFor();
    // Another tab of the same browser is told, another person's is brought up to date when it is looked at.
    const second = await one.context().newPage();
    await second.goto(installation.endpoints.portal);
    await second.getByRole('button', { name: /sign in/i }).click();
    await second.getByRole('link', { name: /R&"1/ }).click();
    await publishAt(second, 15).click();
    await tile(one, 15).getByTestId('published-badge').waitFor();
    await other.evaluate(() => window.dispatchEvent(new Event('focus')));
    await tile(other, 15).getByTestId('published-badge').waitFor();
  } finally {
    await call('PATCH', `/sessions/${session}`, { status: 'active' });
  }
});

test('a server that dies in the middle: shown at once, taken back with words, done when it is back', async () => {
  const { page } = await openSession();
  const api = (await processesOf(place)).find(({ command }) => /\bapi\.mjs/.test(command));
  if (!api) throw new Error('there is no process of the API');
  process.kill(api.pid, 'SIGSTOP');
  await publishAt(page, 0).click();
  await tile(page, 0).getByTestId('published-badge').waitFor();
  expect(await tile(page, 0).getByTestId('published').innerText()).toBe('Publishing');
  process.kill(api.pid, 'SIGKILL');
  await tile(page, 0).getByText('Not published. The server does not answer. Try again.').waitFor();
  expect(await tile(page, 0).getAttribute('data-status')).toBe('processed');
  await page.getByTestId('stale').waitFor({ state: 'detached', timeout: 60_000 });
  await expect.poll(() => statusAt(0).catch(() => 'no answer'), { timeout: 60_000 }).toBe('processed');
  await publishAt(page, 0).click();
  await expect.poll(() => statusAt(0)).toBe('published');
  expect(await tile(page, 0).getByRole('alert').count()).toBe(0);
});

test('a refusal is told beside its frame', async () => {
  const { page } = await openSession();
  // The real server is asked, for a frame that it does not have.
  await page.route('**/images/*/publish', (route) =>
    route.continue({
      url: route
        .request()
        .url()
        .replace(/images\/[^/]+/, `images/${session}`),
    }),
  );
  await publishAt(page, 60).click();
  await tile(page, 60).getByText('Not published. There is no such image, or it is not yours.').waitFor();
  expect(await tile(page, 60).getAttribute('data-status')).toBe('processed');
  expect(await page.getByTestId('frame').getByRole('alert').count()).toBe(1);
});

test('a token that runs out in the middle leads back to the same frame', async () => {
  const { page } = await openSession({ search: '?view=360&frame=angle_60' });
  await page.route('**/images/*/publish', (route) =>
    route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer run.out.token' } }),
  );
  await page.getByTestId('spin-frame').getByRole('button', { name: 'Publish 60°' }).click();
  await page.waitForURL(/\/login/);
  await page.getByText(/your time was up/).waitFor();
  await page.unroute('**/images/*/publish');
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL(/view=360&frame=angle_60$/, { timeout: 30_000 });
  await expect.poll(() => angleShown(page)).toBe('60');
  await page.getByTestId('spin-frame').getByRole('button', { name: 'Publish 60°' }).click();
  await expect.poll(() => statusAt(60)).toBe('published');
});

test('over a slow network what is asked for is seen at once, and the spin turns before all is loaded', async () => {
  const { page } = await openSession();
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 600,
    downloadThroughput: 60_000,
    uploadThroughput: 30_000,
  });
  const answered = page.waitForResponse((response) => response.url().endsWith('/publish'));
  await publishAt(page, 0).click();
  expect(await tile(page, 0).getAttribute('data-status')).toBe('published');
  await answered;
  await page.keyboard.press('v');
  await page.locator('spinbay-viewer .loading', { hasText: /Loading \d+ of 19/ }).waitFor({ timeout: 60_000 });
  await page.keyboard.press('j');
  await expect.poll(() => angleShown(page)).not.toBe('0');
});

test('pictures that are gone say so and can be asked for again', async () => {
  const gone = /_thumb_600\.jpg/;
  const { page } = await openSession({
    before: (opened) => opened.route(gone, (route) => route.fulfill({ status: 404, body: '' })),
  });
  await tile(page, 0).getByText('The picture did not load.').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('v');
  await page.getByText('19 pictures did not load.').waitFor({ timeout: 30_000 });
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.unroute(gone);
  await page.getByTestId('spin-frame').getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => spoken(page), { timeout: 30_000 }).toBe('0 degrees, passed');
  await page.keyboard.press('v');
  const again = tile(page, 0).getByRole('button', { name: /Try again/ });
  if (await again.count()) await again.click();
  await expect
    .poll(() =>
      tile(page, 0)
        .locator('img')
        .evaluate((img: HTMLImageElement) => img.naturalWidth),
    )
    .toBe(600);
});

test('a clock that is three hours ahead changes nothing', async () => {
  const { page, faults } = await openSession({
    before: (opened) =>
      opened.addInitScript(() => {
        const RealDate = Date;
        const ahead = 3 * 3600 * 1000;
        class AheadDate extends RealDate {
          constructor(...given: [number]) {
            super(...((given.length > 0 ? given : [RealDate.now() + ahead]) as [number]));
          }
          static override now() {
            return RealDate.now() + ahead;
          }
        }
        globalThis.Date = AheadDate as DateConstructor;
      }),
  });
  await publishAt(page, 0).click();
  await expect.poll(() => statusAt(0)).toBe('published');
  await tile(page, 0).locator('button[data-frame]').click();
  await page.getByTestId('timeline').getByText('Published').waitFor();
  expect(await page.getByTestId('timeline').innerText()).not.toMatch(/-\d|NaN/);
  expect(faults).toEqual([]);
});

test('the large picture tells the scores against their thresholds, the histogram, the timeline and the camera', async () => {
  const { page } = await openSession({ search: '?frame=angle_90' });
  const caption = page.getByTestId('caption');
  await caption.getByText(/blurry: sharpness \d+, needs 100/).waitFor();
  await caption.getByText('(needs 100, good above 300)').waitFor();
  await caption.getByText('(at most 5 % each)').waitFor();
  expect(await caption.getByTestId('histogram').getAttribute('aria-label')).toMatch(/of 255 on average/);
  const steps = await caption.getByTestId('timeline').getByRole('listitem').allInnerTexts();
  expect(steps).toHaveLength(3);
  expect(steps[1]).toMatch(/Uploaded[\s\S]*later/);
  expect(steps[2]).toMatch(/Checked[\s\S]*later/);
  await caption.getByText(/ISO/).waitFor();
  const link = caption.getByRole('link', { name: 'Open the original photo' });
  const photo = await fetch((await link.getAttribute('href')) ?? '');
  expect(photo.headers.get('content-type')).toBe('image/jpeg');
});

test.each(['light', 'dark'] as const)('axe finds nothing in any state of a review (%s)', async (colorScheme) => {
  const { page } = await openSession({ colorScheme });
  const found: Record<string, string[]> = {};
  const check = async (state: string) => {
    // A dialog fades in: half way its colours are others.
    await page.waitForTimeout(400);
    found[state] = await accessibilityFaults(page);
  };
  await publishAt(page, 0).click();
  await page.getByTestId('done').waitFor();
  await check('published');
  await publishAt(page, 90).click();
  await page.getByRole('dialog').waitFor();
  await check('question');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await check('help');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await tile(page, 0).locator('button[data-frame]').click();
  await page.getByTestId('caption').waitFor();
  await check('large');
  await page.keyboard.press('Escape');
  await page.keyboard.press('v');
  await page.getByTestId('viewer').waitFor();
  await check('360');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await check('gap');
  expect(found).toEqual({ published: [], question: [], help: [], large: [], 360: [], gap: [] });
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { accessibilityFaults, whenStill } from '../e2e/support/browser.ts';
import {
  angleShown,
  call,
  eventually,
  failedAngles,
  missing,
  openSession,
  publishAt,
  reviewSession,
  statusAt,
  tile,
} from '../e2e/support/review-session.ts';

const review = reviewSession();

/** Turns by one frame. The viewer draws and announces it with the next animation frame. */
async function turn(page: Page): Promise<void> {
  await page.keyboard.press('ArrowRight');
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}
const spoken = (page: Page) => page.getByRole('slider', { name: '360° view' }).getAttribute('aria-valuetext');

test('a session has a gallery and a 360 view, which turns all the way round by arrow key and by drag and shows its angle', async () => {
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
  await eventually(() => angleShown(page)).toBe('0');

  const box = await slider.boundingBox();
  if (!box) throw new Error('the viewer is not seen');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2, { steps: 8 });
  await sleep(150);
  await page.mouse.up();
  await eventually(() => angleShown(page)).toBe('45');
  await page.waitForURL(/view=360&frame=angle_45$/);
  expect(await page.getByTestId('spin-frame').getAttribute('data-slot')).toBe('angle_45');

  // The address opens the same frame again, and one click opens the gallery.
  await page.reload();
  await slider.waitFor();
  await eventually(() => angleShown(page)).toBe('45');
  await page.getByRole('button', { name: 'Gallery' }).click();
  await page.getByTestId('frame').first().waitFor();
  expect(new URL(page.url()).search).toBe('');
  expect(faults).toEqual([]);
});

test('five missing and three failed frames are marked in the 360 view, and none of them stops it', async () => {
  const { page } = await openSession({ search: '?view=360' });
  await page.getByRole('slider', { name: '360° view' }).focus();
  const words = new Map<number, string>();
  await eventually(async () => {
    for (let k = 0; k < 24; k++) {
      words.set(Number(await angleShown(page)), (await spoken(page)) ?? '');
      await turn(page);
    }
    return [...words.values()].filter((text) => text.includes('loading')).length;
  }).toBe(0);
  const anglesWith = (pattern: RegExp) => [...words].filter(([, text]) => pattern.test(text)).map(([angle]) => angle);
  expect(anglesWith(/missing.*showing/)).toEqual(missing.map((k) => (k - 1) * 15));
  expect(anglesWith(/failed, blurry: sharpness \d+, needs 100/)).toEqual(failedAngles);
  expect(anglesWith(/passed$/)).toHaveLength(16);
  expect(await page.locator('spinbay-viewer .mark[data-status=missing]').count()).toBe(5);
  expect(await page.locator('spinbay-viewer .mark[data-status=fail]').count()).toBe(3);
  // For a missing frame the page says so and shows the nearest picture.
  await page.goto(`${review().installation.endpoints.portal}/sessions/${review().id}?view=360&frame=angle_30`);
  await page.getByText('There is no picture of this angle yet.').waitFor();
  await page.getByText('30° is missing. Showing 15°.').waitFor();
});

test('over a slow network a frame is shown as published immediately, and the spin turns before everything is loaded', async () => {
  const { page } = await openSession();
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  // The gallery may have all the pictures already, and then there is nothing to load.
  await network.send('Network.setCacheDisabled', { cacheDisabled: true });
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
  await eventually(() => angleShown(page)).not.toBe('0');
});

test('pictures that fail to load say so and can be requested again', async () => {
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
  await eventually(() => spoken(page)).toBe('0 degrees, passed');
  await page.keyboard.press('v');
  const again = tile(page, 0).getByRole('button', { name: /Try again/ });
  if (await again.count()) await again.click();
  await eventually(() =>
    tile(page, 0)
      .locator('img')
      .evaluate((img: HTMLImageElement) => img.naturalWidth),
  ).toBe(600);
});

test('the large picture shows the scores with their thresholds, the histogram, the timeline and the camera', async () => {
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

test('on a narrow screen no page is wider than the screen, and at 400 % zoom the large picture is still large', async () => {
  const { page } = await openSession({ email: 'admin@demo.test', viewport: { width: 320, height: 640 } });
  const { portal } = review().installation.endpoints;
  const session = `/sessions/${review().id}`;
  await call('PATCH', session, { status: 'completed' });
  try {
    for (const path of [
      '/sessions',
      session,
      `${session}?view=360`,
      '/promise?days=90',
      '/admin',
      '/admin?tab=codes',
    ]) {
      await page.goto(portal + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const width = await page.evaluate(() => document.scrollingElement?.scrollWidth);
      expect({ path, width }).toEqual({ path, width: 320 });
    }
  } finally {
    await call('PATCH', session, { status: 'active' });
  }
  await page.setViewportSize({ width: 320, height: 225 });
  await page.goto(`${portal}${session}?frame=angle_0`);
  const picture = page.locator('.yarl__slide_current img').first();
  await eventually(() => picture.evaluate((img) => img.getBoundingClientRect().width)).toBeGreaterThan(140);
  const [below, words] = await Promise.all([
    picture.evaluate((img) => img.getBoundingClientRect().bottom),
    page.getByTestId('caption').evaluate((caption) => caption.getBoundingClientRect().top),
  ]);
  expect(below).toBeLessThanOrEqual(words);
});

test('the keyboard can do everything: next, large, zoom, publish, turn, help', async () => {
  const { page, faults } = await openSession();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('data-frame'))).toBe('angle_15');
  await page.keyboard.press('p');
  await tile(page, 15).getByTestId('published-badge').waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('z');
  await page.waitForURL(/frame=angle_0$/);
  await page.getByTestId('caption').waitFor();
  await page.keyboard.press('j');
  await page.waitForURL(/frame=angle_15$/);
  // Zooming in loads the original photo.
  await page.locator('.yarl__slide_current img[alt="15°"]').waitFor();
  await whenStill(page);
  await page.keyboard.press('z');
  const original = page.getByTestId('original');
  await eventually(() => original.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1600);
  await page.keyboard.press('z');
  await original.waitFor({ state: 'detached' });
  await page.keyboard.press('p');
  await eventually(() => statusAt(15)).toBe('processed');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('data-frame'))).toBe('angle_15');
  await page.keyboard.press('v');
  await page.getByTestId('viewer').waitFor();
  await eventually(() => angleShown(page)).toBe('15');
  await page.keyboard.press('k');
  await eventually(() => angleShown(page)).toBe('0');
  await page.keyboard.press('Escape');
  await page.getByTestId('viewer').waitFor({ state: 'detached' });
  await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('data-frame'))).toBe('angle_0');
  // A mouse click also puts the focus into the viewer: End turns the spin and does not scroll the page.
  await page.getByTestId('view-360').click();
  await page.getByTestId('viewer').waitFor();
  await eventually(() => angleShown(page)).toBe('0');
  await page.keyboard.press('End');
  await eventually(() => angleShown(page)).toBe('345');

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await help.getByText('Publish the frame, or undo publishing').waitFor();
  await help.getByText('First and last frame').waitFor();
  await help.getByLabel('Use these shortcuts').uncheck();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await page.keyboard.press('v');
  await page.waitForTimeout(300);
  expect(await page.getByTestId('viewer').count()).toBe(1);
  expect(faults).toEqual([]);
});

test('leaving the 360 view right after a turn shows the gallery without opening the frame', async () => {
  const { page } = await openSession();
  await page.getByTestId('view-360').click();
  await page.getByTestId('viewer').waitFor();
  await page.keyboard.press('j');
  await eventually(() => angleShown(page)).toBe('15');
  // The busy page delays the gallery until after the spin has reported its frame.
  await page.evaluate(() => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }));
    const end = performance.now() + 600;
    while (performance.now() < end);
  });
  await page.getByTestId('viewer').waitFor({ state: 'detached' });
  await whenStill(page);
  expect([new URL(page.url()).search, await page.getByRole('dialog').count()]).toEqual(['', 0]);
});

test.each(['light', 'dark'] as const)('axe finds nothing in any state of a review (%s)', async (colorScheme) => {
  const { page } = await openSession({ colorScheme });
  const found: Record<string, string[]> = {};
  const check = async (state: string) => {
    found[state] = await accessibilityFaults(page);
  };
  await publishAt(page, 0).click();
  await page.getByTestId('done').hover();
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

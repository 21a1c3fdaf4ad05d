import type { ViewerFrame } from '@spinbay/viewer';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser } from '../e2e/support/browser.ts';
import {
  eventsOf,
  gap,
  openViewer,
  serveViewer,
  slotOnStage,
  spinOf,
  type ViewerSite,
  whenLoaded,
} from '../e2e/support/viewer-site.ts';

let site: ViewerSite;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveViewer(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});
afterEach(async () => {
  site.hold(false);
  site.asked.length = 0;
  await page?.context().close();
});

const poll = <T>(read: () => Promise<T> | T) => expect.poll(read, { timeout: 20_000 });
const turnTo = (angle: number) =>
  page.evaluate((to) => {
    window.viewer.angle = to;
  }, angle);
const setFrames = (frames: ReturnType<typeof spinOf>) =>
  page.evaluate((given) => {
    window.viewer.frames = given;
  }, frames);
const notice = () => page.locator('spinbay-viewer .bridge');
const small = () => site.asked.filter((path) => path.endsWith('/600.jpg')).map((path) => Number(path.split('/')[1]));

test('pictures load from coarse to fine, four at a time, and the spin turns after the first four sides', async () => {
  site.hold(true);
  page = await openViewer(browser, site, spinOf());
  await poll(() => small().length).toBe(4);
  await page.waitForTimeout(300);
  expect(small().toSorted((a, b) => a - b)).toEqual([0, 6, 12, 18]);
  expect(await slotOnStage(page)).toBe(null);
  expect(await page.locator('spinbay-viewer .loading').textContent()).toBe('Loading 0 of 24');
  site.hold(false);
  await whenLoaded(page);
  expect(small().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, k) => k));
  const events = await page.evaluate(() => window.seen.events.map(({ type }) => type));
  expect(events.filter((type) => type === 'firstturnable')).toHaveLength(1);
  expect(events.indexOf('firstturnable')).toBeLessThan(events.indexOf('allloaded'));
  expect(await eventsOf(page, 'allloaded')).toEqual([{ ready: 24, gaps: 0 }]);
});

test('it turns while pictures are loading and shows the nearest one, never a blank', async () => {
  page = await openViewer(browser, site, []);
  site.hold(true);
  await setFrames(spinOf());
  await poll(() => small().length).toBe(4);
  site.hold(false);
  site.hold(true);
  await poll(() => eventsOf(page, 'firstturnable').then((events) => events.length)).toBe(1);
  await poll(() => small().length).toBe(8);
  const shown: (number | null)[] = [];
  for (let slot = 0; slot < 24; slot++) {
    await turnTo(slot * 15);
    shown.push(await slotOnStage(page));
  }
  expect(shown).not.toContain(null);
  expect(new Set(shown)).toEqual(new Set([0, 6, 12, 18]));
});

test('a gap shows the nearest frame and says that the frame is missing', async () => {
  page = await openViewer(
    browser,
    site,
    spinOf((slot) => (slot === 3 || slot === 4 ? gap : slot === 5 ? { qc: 'fail', label: 'too dark' } : {})),
  );
  await whenLoaded(page);
  await turnTo(60);
  expect(await slotOnStage(page)).toBe(5);
  expect(await notice().textContent()).toBe('60° is missing. Showing 75°.');
  expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toBe('60 degrees, missing, showing 75 degrees');
  expect(await page.locator('spinbay-viewer .angle').textContent()).toBe('60°');
  expect(await page.locator('spinbay-viewer .track[data-gap=true]').count()).toBe(2);
  await turnTo(75);
  await slotOnStage(page);
  expect(await notice().isVisible()).toBe(false);
  expect(await page.getByRole('slider').getAttribute('aria-valuetext')).toBe('75 degrees, failed, too dark');
  expect(await page.locator('spinbay-viewer .verdict').textContent()).toBe('Failedtoo dark');
  const marks = await page
    .locator('spinbay-viewer .dial .mark')
    .evaluateAll((paths) => paths.map((path) => [path.getAttribute('data-status'), path.getAttribute('d')]));
  const shapeOf = (status: string) => marks.find(([of]) => of === status)?.[1];
  expect(marks.map(([status]) => status).slice(2, 7)).toEqual(['pass', 'missing', 'missing', 'fail', 'pass']);
  expect(new Set(['pass', 'missing', 'fail'].map(shapeOf)).size).toBe(3);
});

test('the host page learns of pictures that cannot be loaded and can provide another URL', async () => {
  const broken = (slot: number) => (slot === 2 ? { id: 'two', src600: '/gone.jpg' } : { src600: `/${slot}/600.jpg` });
  page = await openViewer(browser, site, spinOf(broken));
  await whenLoaded(page);
  expect(await eventsOf(page, 'pictureerror')).toEqual([
    { slot: 2, angle_deg: 30, size: '600', url: expect.stringContaining('/gone.jpg') },
  ]);
  await turnTo(30);
  expect([1, 3]).toContain(await slotOnStage(page));
  expect(await notice().textContent()).toMatch(/^30° could not be loaded/);
  await setFrames(spinOf(broken));
  await page.waitForTimeout(200);
  expect(site.asked.filter((path) => path === '/gone.jpg')).toHaveLength(1);
  await setFrames(spinOf((slot) => (slot === 2 ? { id: 'two' } : {})));
  await poll(() => slotOnStage(page)).toBe(2);
  expect(await page.evaluate(() => window.viewer.angle)).toBe(30);
});

test('a picture with an id whose URL has failed is loaded from another URL, even if that is set before the failure', async () => {
  const zero = (more: Partial<ViewerFrame>) => spinOf((slot) => (slot === 0 ? { id: 'zero', ...more } : {}));
  site.hold(true);
  page = await openViewer(browser, site, zero({ src600: '/gone.jpg', src1200: '/gone.jpg' }));
  await poll(() => site.asked).toContain('/gone.jpg');
  await setFrames(zero({ src1200: '/gone.jpg' }));
  site.hold(false);
  await poll(() => slotOnStage(page)).toBe(0);
  const failed = () =>
    eventsOf(page, 'pictureerror').then((events) => events.map((event) => (event as { size: string }).size));
  await poll(failed).toEqual(['1200']);
  await setFrames(zero({ src1200: '/0/1200.jpg' }));
  const large = page.locator('spinbay-viewer .scene img');
  await poll(() => large.getAttribute('src')).toBe('/0/1200.jpg');
  const setOriginal = (url: string | null) =>
    page.evaluate(
      ([frames, to]) => {
        const original = () => (to === null ? Promise.reject(new Error('no')) : Promise.resolve(to));
        window.viewer.frames = frames.map((frame) => ({ ...frame, original }));
      },
      [zero({ src1200: '/0/1200.jpg' }), url] as const,
    );
  await setOriginal(null);
  await page.getByRole('slider').dblclick();
  await poll(failed).toEqual(['1200', 'original']);
  await setOriginal('/0/4000.jpg');
  await poll(() => large.getAttribute('src')).toBe('/0/4000.jpg');
});

test('later frames fill their slots, and nothing is fetched twice', async () => {
  const arrived = (count: number) => spinOf((slot) => (slot < count ? {} : { qc: 'pending', src600: null }));
  page = await openViewer(browser, site, arrived(3));
  await whenLoaded(page);
  await turnTo(60);
  expect(await slotOnStage(page)).toBe(2);
  expect(await notice().textContent()).toBe('60° is not ready yet. Showing 30°.');
  for (const count of [4, 5, 24]) await setFrames(arrived(count));
  await poll(() => slotOnStage(page)).toBe(4);
  await poll(() => eventsOf(page, 'allloaded').then((events) => events.at(-1))).toEqual({ ready: 24, gaps: 0 });
  expect(await page.evaluate(() => window.viewer.angle)).toBe(60);
  expect(small().length).toBe(24);
  await poll(() => page.locator('spinbay-viewer [role=status]').textContent()).toBe('All 24 frames are loaded');
});

test('when the spin stands still, a frame loads its larger picture, and its original when zoomed in', async () => {
  page = await openViewer(browser, site, []);
  await page.evaluate((frames) => {
    window.viewer.frames = frames.map((frame, slot) => ({
      ...frame,
      src1200: `/${slot}/1200.jpg`,
      original: () => (slot === 1 ? Promise.reject(new Error('no')) : Promise.resolve(`/${slot}/4000.jpg`)),
    }));
  }, spinOf());
  const large = page.locator('spinbay-viewer .scene img');
  await poll(() => large.getAttribute('src')).toBe('/0/1200.jpg');
  expect(site.asked).not.toContain('/0/4000.jpg');
  await page.getByRole('slider').dblclick();
  await poll(() => large.getAttribute('src')).toBe('/0/4000.jpg');
  expect(await large.count()).toBe(1);
  await poll(() => page.locator('spinbay-viewer .loading').textContent()).toBe('Original photo');
  await page.keyboard.press('ArrowRight');
  await poll(() => large.getAttribute('src')).toBe('/1/1200.jpg');
  await poll(() => eventsOf(page, 'pictureerror')).toEqual([{ slot: 1, angle_deg: 15, size: 'original', url: null }]);
  expect(site.asked.filter((path) => path.endsWith('/4000.jpg'))).toEqual(['/0/4000.jpg']);
});

test('another zoom does not stop the original from loading', async () => {
  page = await openViewer(browser, site, []);
  await page.evaluate((frames) => {
    window.viewer.frames = frames.map((frame, slot) => ({
      ...frame,
      src1200: `/${slot}/1200.jpg`,
      original: () => Promise.resolve(`/${slot}/4000.jpg`),
    }));
  }, spinOf());
  await whenLoaded(page);
  const large = page.locator('spinbay-viewer .scene img');
  await poll(() => large.getAttribute('src')).toBe('/0/1200.jpg');
  site.hold(true);
  await page.getByRole('slider').dblclick();
  await poll(() => site.asked).toContain('/0/4000.jpg');
  await page.keyboard.press('+');
  await page.waitForTimeout(400);
  expect(await page.locator('spinbay-viewer .loading').textContent()).toBe('Loading the original');
  site.hold(false);
  await poll(() => large.getAttribute('src')).toBe('/0/4000.jpg');
  await poll(() => page.locator('spinbay-viewer .loading').textContent()).toBe('Original photo');
});

test('after 50 visits it uses no more memory than after one', async () => {
  page = await openViewer(browser, site, spinOf());
  await whenLoaded(page);
  const client = await page.context().newCDPSession(page);
  const comeBack = async (times: number, leavesEarly = (k: number) => k % 3 === 0) => {
    for (let k = 0; k < times; k++) {
      await page.evaluate(async (leaveEarly) => {
        const { viewer } = window;
        viewer.remove();
        document.querySelector('main')?.append(viewer);
        viewer.play();
        if (leaveEarly) return;
        await new Promise((resolve) => viewer.addEventListener('allloaded', resolve, { once: true }));
      }, leavesEarly(k));
    }
  };
  const held = async () => {
    await client.send('HeapProfiler.collectGarbage');
    const { nodes, jsEventListeners } = await client.send('Memory.getDOMCounters');
    const { usedSize } = await client.send('Runtime.getHeapUsage');
    return { nodes, jsEventListeners, usedSize, bitmaps: await page.evaluate(() => window.seen.bitmaps) };
  };
  await comeBack(5);
  const before = await held();
  await comeBack(50);
  // The browser may keep the last picture of a closed view until the next one closes. A leak grows with each visit.
  const grown = async () => {
    await comeBack(1, () => false);
    const after = await held();
    return {
      bitmaps: after.bitmaps,
      nodes: after.nodes - before.nodes < 50,
      listeners: after.jsEventListeners - before.jsEventListeners < 20,
      memory: after.usedSize / before.usedSize < 1.3,
    };
  };
  await expect.poll(grown).toEqual({ bitmaps: 24, nodes: true, listeners: true, memory: true });
  await page.evaluate(() => window.viewer.remove());
  expect((await held()).bitmaps).toBe(0);
});

test('leaving cancels all loads', async () => {
  site.hold(true);
  page = await openViewer(browser, site, spinOf());
  await poll(() => small().length).toBe(4);
  const stopped: string[] = [];
  page.on('requestfailed', (request) => stopped.push(request.url()));
  await page.evaluate(() => window.viewer.remove());
  await poll(() => stopped.length).toBe(4);
  expect(await eventsOf(page, 'pictureerror')).toEqual([]);
});

test.each(['light', 'dark'] as const)(
  'axe finds nothing in %s, and the strict policy is not violated',
  async (colorScheme) => {
    const states = (slot: number): Partial<ViewerFrame> => {
      if (slot < 3) return { qc: (['fail', 'warn', 'pending'] as const)[slot] ?? 'pass', label: 'A little dark' };
      return slot === 3 ? gap : slot === 4 ? { src600: '/gone.jpg' } : {};
    };
    page = await openViewer(browser, site, spinOf(states), { colorScheme });
    await whenLoaded(page);
    for (const angle of [0, 45, 60]) {
      await turnTo(angle);
      await slotOnStage(page);
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    await page.getByRole('slider').dblclick();
    await page.getByRole('button', { name: 'Start turning' }).click();
    await setFrames([]);
    await slotOnStage(page);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => window.seen.violations)).toEqual([]);
    const sizes = await page
      .getByRole('button')
      .evaluateAll((buttons) =>
        buttons.map((button) => button.getBoundingClientRect()).map((box) => [box.width, box.height]),
      );
    expect(Math.min(...sizes.flat())).toBeGreaterThanOrEqual(24);
  },
);

test('text and markup from outside stay text', async () => {
  const label = '<img src=x onerror="window.seen.violations.push(1)">';
  page = await openViewer(
    browser,
    site,
    spinOf((slot) => (slot === 0 ? { label: label.repeat(200), qc: 'fail' } : {})),
  );
  await whenLoaded(page);
  await page.evaluate(() => {
    window.viewer.texts = { next: '<b>weiter</b>', angle: (degrees) => `${degrees} Grad` };
  });
  await page.getByRole('button', { name: '<b>weiter</b>' }).click();
  await poll(() => page.locator('spinbay-viewer .angle').textContent()).toBe('15 Grad');
  expect(await page.evaluate(() => window.seen.violations)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

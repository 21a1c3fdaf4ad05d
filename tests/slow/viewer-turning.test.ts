import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBrowser } from '../e2e/support/browser.ts';
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
  await page?.context().close();
});

const poll = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000 });
const angle = () => page.evaluate(() => window.viewer.angle);
const slider = () => page.getByRole('slider');
const whenStill = async () => {
  let before: string | undefined;
  const still = async () => {
    const last = before;
    before = JSON.stringify((await eventsOf(page, 'anglechange')).at(-1));
    return before === last;
  };
  await expect.poll(still, { timeout: 20_000, interval: 400 }).toBe(true);
};

async function stageBox(): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await slider().boundingBox();
  if (!box) throw new Error('The viewer has no stage.');
  return box;
}

/**
 * Drags the mouse over a fraction of the stage's width, in small steps.
 * @param rest whether it pauses before the release
 */
async function drag(part: number, rest = true): Promise<void> {
  const { x, y, width, height } = await stageBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + width * part, y + height / 2, { steps: 12 });
  if (rest) await page.waitForTimeout(200);
  await page.mouse.up();
}

describe('by hand', () => {
  beforeEach(async () => {
    page = await openViewer(browser, site, spinOf());
    await whenLoaded(page);
  });

  test('a drag over half the stage turns a quarter, and back', async () => {
    await drag(-0.5);
    await whenStill();
    expect(await angle()).toBe(90);
    expect(await slotOnStage(page)).toBe(6);
    await drag(0.5);
    await whenStill();
    expect(await angle()).toBe(0);
  });

  test('the picture follows the hand even if the turntable turned the other way, and the dial is mirrored', async () => {
    const sideOfCursor = () =>
      page.evaluate(() => {
        const cursor = window.viewer.shadowRoot?.querySelector('.cursor')?.getBoundingClientRect();
        const dial = window.viewer.shadowRoot?.querySelector('.dial')?.getBoundingClientRect();
        return cursor && dial && cursor.x + cursor.width / 2 < dial.x + dial.width / 2 ? 'left' : 'right';
      });
    await drag(-0.5);
    await whenStill();
    expect([await angle(), await sideOfCursor()]).toEqual([90, 'right']);
    await page.evaluate(() => {
      window.viewer.turntable = 'counterclockwise';
    });
    await expect.poll(sideOfCursor).toBe('left');
    expect(await angle()).toBe(90);
    await whenLoaded(page);
    await drag(-0.5);
    await whenStill();
    expect(await angle()).toBe(0);
    await page.evaluate(() => {
      window.viewer.turntable = 'clockwise';
    });
    await drag(-0.5);
    await whenStill();
    expect(await angle()).toBe(90);
  });

  test('after a flick the spin keeps turning, slows down, and stops on a frame', async () => {
    const { x, y, width, height } = await stageBox();
    const client = await page.context().newCDPSession(page);
    const began = Date.now() / 1000;
    // The events have fixed times, so that a slow machine does not change the speed of the hand.
    const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', part: number, ms: number) =>
      client.send('Input.dispatchMouseEvent', {
        type,
        x: x + width * part,
        y: y + height / 2,
        button: 'left',
        buttons: type === 'mouseReleased' ? 0 : 1,
        clickCount: 1,
        timestamp: began + ms / 1000,
      });
    await send('mousePressed', 0.5, 0);
    for (let k = 1; k <= 10; k++) await send('mouseMoved', 0.5 - k / 40, k * 16);
    await send('mouseReleased', 0.25, 165);
    await whenStill();
    expect(await angle()).toBeGreaterThan(75);
    const last = (await eventsOf(page, 'anglechange')).at(-1) as { angle_deg: number };
    expect(last.angle_deg % 15).toBe(0);
    expect(await slotOnStage(page)).toBe(last.angle_deg / 15);
  });

  test('with reduced motion the spin stops when the hand lets go', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await drag(-0.25, false);
    const letGo = await angle();
    await page.waitForTimeout(300);
    expect(await angle()).toBe(letGo);
    expect(letGo).toBe(45);
  });

  test('a press on the dial goes to the frame there', async () => {
    const dial = page.locator('spinbay-viewer .dial svg');
    const box = await dial.boundingBox();
    if (!box) throw new Error('The viewer has no dial.');
    await page.mouse.click(box.x + box.width * 0.94, box.y + box.height / 2);
    await whenStill();
    expect(await angle()).toBe(90);
    await page.keyboard.press('ArrowRight');
    expect(await angle()).toBe(105);
  });

  test('the buttons turn without a drag', async () => {
    await page.getByRole('button', { name: 'Next frame' }).click();
    expect(await angle()).toBe(15);
    await page.getByRole('button', { name: 'Previous frame' }).click({ clickCount: 2 });
    expect(await angle()).toBe(345);
  });

  test('keys turn the spin and go to both ends', async () => {
    await page.keyboard.press('Tab');
    const after: number[] = [];
    for (const key of ['ArrowRight', 'ArrowUp', 'ArrowLeft', 'End', 'ArrowRight', 'PageUp', 'Home']) {
      await page.keyboard.press(key);
      after.push(await angle());
    }
    expect(after).toEqual([15, 30, 15, 345, 0, 90, 0]);
    expect(await slider().getAttribute('aria-valuenow')).toBe('0');
    await page.keyboard.press('ArrowLeft');
    await poll(() => slider().getAttribute('aria-valuetext')).toBe('345 degrees, passed');
    const frames = (await eventsOf(page, 'framechange')) as { slot: number }[];
    expect(frames.at(-1)).toEqual({ slot: 23, angle_deg: 345 });
  });

  test('the wheel zooms only with ctrl, and dragging moves a zoomed picture instead of turning', async () => {
    const { x, y, width, height } = await stageBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.wheel(0, 200);
    await poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0);
    const level = page.getByRole('button', { name: /Reset zoom/ });
    expect(await level.textContent()).toBe('100 %');
    await page.evaluate(() => scrollTo(0, 0));
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await poll(() => level.textContent()).not.toBe('100 %');
    const place = () => page.locator('spinbay-viewer .scene').evaluate((scene) => getComputedStyle(scene).transform);
    const before = await place();
    await drag(0.1);
    await poll(place).not.toBe(before);
    expect(await angle()).toBe(0);
    await level.click();
    await poll(place).toBe('none');
  });

  test('a double click zooms in at its position, another one zooms out', async () => {
    const level = page.getByRole('button', { name: /Reset zoom/ });
    await slider().dblclick({ position: { x: 100, y: 100 } });
    await poll(() => level.textContent()).toBe('250 %');
    await slider().dblclick();
    await poll(() => level.textContent()).toBe('100 %');
    for (const [key, zoom] of Object.entries({ '+': '150 %', '-': '100 %', '=': '150 %', '0': '100 %' })) {
      await slider().press(key);
      await poll(() => level.textContent()).toBe(zoom);
    }
  });

  test('full screen can be entered and left', async () => {
    await page.getByRole('button', { name: 'Full screen' }).click();
    await page.getByRole('button', { name: 'Leave full screen' }).click();
    await page.getByRole('button', { name: 'Full screen' }).waitFor();
  });
});

describe('by touch', () => {
  /** One finger, in steps, as real browser input. */
  async function swipe(dx: number, dy: number): Promise<void> {
    const { x, y, width, height } = await stageBox();
    const client = await page.context().newCDPSession(page);
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', part: number) =>
      client.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x: x + width / 2 + dx * part, y: y + height / 2 + dy * part }],
      });
    await send('touchStart', 0);
    for (let k = 1; k <= 15; k++) await send('touchMove', k / 15);
    await send('touchEnd', 1);
  }

  beforeEach(async () => {
    page = await openViewer(browser, site, spinOf(), {
      viewport: { width: 400, height: 800 },
      hasTouch: true,
      isMobile: true,
    });
    await whenLoaded(page);
  });

  test('a vertical swipe scrolls the page and does not turn the spin', async () => {
    await swipe(10, -150);
    await poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(50);
    expect(await angle()).toBe(0);
    expect(await eventsOf(page, 'framechange')).toEqual([]);
  });

  test('a horizontal swipe turns the spin and does not scroll', async () => {
    await swipe(-150, 20);
    await whenStill();
    expect(await angle()).toBeGreaterThan(45);
    expect(await page.evaluate(() => scrollY)).toBe(0);
  });

  test('two fingers zoom', async () => {
    const { x, y, width, height } = await stageBox();
    const client = await page.context().newCDPSession(page);
    const fingers = (apart: number) => [-1, 1].map((side) => ({ x: x + width / 2 + side * apart, y: y + height / 2 }));
    await client.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(30) });
    for (const apart of [40, 50, 60]) {
      await client.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(apart) });
    }
    await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await poll(() => page.getByRole('button', { name: /Reset zoom/ }).textContent()).toBe('200 %');
    expect(await angle()).toBe(0);
  });
});

describe('by itself', () => {
  const play = () => page.getByRole('button', { name: 'Start turning' });
  const pause = () => page.getByRole('button', { name: 'Stop turning' });
  const steps = async () => (await eventsOf(page, 'framechange')).length;

  /** Time stands still unless the test advances it. */
  async function openWithClock(reducedMotion: 'reduce' | 'no-preference' = 'no-preference'): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 950 }, reducedMotion });
    page = await context.newPage();
    await page.clock.install({ time: 0 });
    await page.goto(site.url);
    await page.evaluate(
      (frames) => {
        window.viewer.frames = frames;
      },
      spinOf((slot) => (slot === 3 ? gap : {})),
    );
    await whenLoaded(page);
    await page.clock.pauseAt(3_600_000);
  }

  test('turns two frames a second, also across a gap, until it is stopped', async () => {
    await openWithClock();
    await play().click();
    await page.clock.runFor(5050);
    expect(await steps()).toBe(10);
    expect(await page.evaluate(() => window.viewer.playing)).toBe(true);
    await pause().click();
    await page.clock.runFor(5000);
    expect(await steps()).toBe(10);
    expect(await angle()).toBe(150);
  });

  test.each([
    ['a press on the picture', () => slider().click()],
    ['a key', () => slider().press('ArrowRight')],
    ['a button', () => page.getByRole('button', { name: 'Next frame' }).click()],
    ['the dial', () => page.locator('spinbay-viewer .dial svg').click({ position: { x: 160, y: 120 } })],
  ])('%s stops it', async (_, act) => {
    await openWithClock();
    await play().click();
    await page.clock.runFor(1100);
    await act();
    await page.clock.runFor(1000);
    expect(await page.evaluate(() => window.viewer.playing)).toBe(false);
    const stopped = await steps();
    await page.clock.runFor(5000);
    expect(await steps()).toBe(stopped);
  });

  test('the attribute starts it, except with reduced motion; the button always does', async () => {
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      await page?.context().close();
      await openWithClock(reducedMotion);
      await page.evaluate((frames) => {
        const again = document.createElement('spinbay-viewer') as typeof window.viewer;
        again.setAttribute('autoplay', '');
        again.frames = frames;
        again.addEventListener('allloaded', () => window.seen.events.push({ type: 'again', detail: null }));
        window.viewer.replaceWith(again);
        window.viewer = again;
      }, spinOf());
      await page.waitForFunction(() => window.seen.events.some(({ type }) => type === 'again'));
      expect(await page.evaluate(() => window.viewer.playing)).toBe(reducedMotion === 'no-preference');
    }
    await play().click();
    expect(await page.evaluate(() => window.viewer.playing)).toBe(true);
  });
});

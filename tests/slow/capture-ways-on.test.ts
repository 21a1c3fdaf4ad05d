import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults } from '../e2e/support/browser.ts';
import { filmOf } from '../e2e/support/fake-camera.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { Phone } from '../e2e/support/phone.ts';

let place: Place;
let installation: Installation;
let folder: string;
let film: string;
let phone: Phone | undefined;

beforeAll(async () => {
  place = await makePlace();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-ways-on-'));
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  const background = { r: 128, g: 128, b: 128 };
  await sharp({ create: { width: 1600, height: 1200, channels: 3, background } }).toFile(join(pictures, 'wall.jpg'));
  film = join(folder, 'film.y4m');
  await filmOf(pictures, film, { framesPerSecond: 5 });
  installation = await start(place);
});
afterEach(async ({ task }) => {
  await phone?.close(task);
  phone = undefined;
});
afterAll(async () => {
  await installation?.stop();
  await place?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** @param prepare runs before the app opens */
async function takeUp(
  profile: string,
  prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
): Promise<Phone> {
  const { capture } = installation.endpoints;
  phone = await Phone.takeUp({ profile: join(folder, profile), film, capture, prepare });
  return phone;
}

/** The name of the element with the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement;
    return at?.getAttribute('aria-label') ?? at?.textContent ?? '';
  });
}

const isInDialog = (page: Page) => page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null);

test('a group of choices is one stop of the Tab key, and the arrow keys and Space choose one', async () => {
  const { page } = await takeUp('keys');
  const enrol = page.getByTestId('enrol');
  await enrol.waitFor();
  await enrol.click();
  await page.getByRole('radio', { name: 'Studio 360' }).focus();
  await page.keyboard.press('ArrowRight');
  expect(await focused(page)).toBe('Stills');
  expect(await page.getByRole('radio', { name: 'Stills' }).getAttribute('aria-checked')).toBe('true');
  await page.keyboard.press('ArrowDown');
  await page.getByRole('radio', { name: 'Clockwise', exact: true }).waitFor();
  expect(await focused(page)).toBe('Studio 360');
  const stops = page.getByRole('radiogroup', { name: 'Frames' }).locator('[tabindex="0"]');
  expect(await stops.allInnerTexts()).toEqual(['24']);
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('24');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Tab');
  expect(await stops.allInnerTexts()).toEqual(['12']);
  expect(await focused(page)).toBe('Clockwise');
  const other = page.getByRole('radio', { name: 'Anticlockwise' });
  await other.focus();
  await page.keyboard.press('Space');
  expect(await other.getAttribute('aria-checked')).toBe('true');
});

test('the focus moves into the options, stays there, and returns when Escape closes them', async () => {
  const operator = await takeUp('options');
  const { page } = operator;
  await operator.enrolWithOneTap();
  await operator.startSpin('options-1');
  const button = page.getByRole('button', { name: 'Options' });
  await button.focus();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Options' }).waitFor();
  await expect.poll(() => isInDialog(page)).toBe(true);
  const seen = new Set<string>();
  for (let k = 0; k < 20; k++) {
    await page.keyboard.press('Tab');
    seen.add(await focused(page));
    expect(await isInDialog(page)).toBe(true);
  }
  expect(seen).toContain('Close');
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expect.poll(() => focused(page)).toBe('Options');
  expect(await operator.safe()).toBe('0/24');
});

test('a camera that sends no picture is reported, and another camera can be chosen', async () => {
  const operator = await takeUp('silent', async (context) => {
    await context.addInitScript(() => {
      const { mediaDevices } = navigator;
      const real = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = async (wanted) => {
        const video = wanted?.video as { deviceId?: { ideal: string } } | undefined;
        return video?.deviceId?.ideal === 'good'
          ? real({ video: true })
          : document.createElement('canvas').captureStream(0);
      };
      mediaDevices.enumerateDevices = async () =>
        [
          ['silent', 'Virtual camera'],
          ['good', 'Studio camera'],
        ].map(([deviceId, label]) => ({ kind: 'videoinput', deviceId, label }) as MediaDeviceInfo);
    });
  });
  const { page } = operator;
  await operator.enrolWithOneTap();
  await page.getByTestId('stock').fill('silent-1');
  await page.getByTestId('create').click();
  await page.getByText('Starting the camera').waitFor();
  await page.getByText('The camera sends no picture').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('radio', { name: 'Studio camera' }).click();
  await page.locator('video').waitFor();
  await operator.shootUntil(0, 1);
  await page.reload();
  await page.locator('video').waitFor();
  await operator.shootUntil(1, 2);
});

test('a photo that the camera does not deliver holds up nothing, and is stored if it comes late', async () => {
  const operator = await takeUp('late');
  const { page, faults } = operator;
  await operator.enrolWithOneTap();
  await operator.startSpin('late-1');
  // So that every photo stays on the device.
  await operator.context.setOffline(true);
  await page.evaluate(() => {
    const real = window.createImageBitmap.bind(window);
    let deliver: () => void = () => undefined;
    const delivered = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    Object.assign(window, { deliver });
    Object.assign(window, {
      createImageBitmap: async (video: HTMLVideoElement) => {
        Object.assign(window, { createImageBitmap: real });
        await delivered;
        return real(video);
      },
    });
  });
  await operator.press();
  const notice = page.getByTestId('no-photo');
  await notice.getByText('The camera sent no photo of 0°').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await operator.shootUntil(0, 1);
  expect(await operator.digests()).toHaveLength(1);
  await page.evaluate(() => (window as unknown as { deliver(): void }).deliver());
  await operator.shootUntil(1, 2);
  await expect.poll(() => operator.digests()).toHaveLength(3);
  expect(await notice.count()).toBe(0);
  expect(faults).toEqual([]);
});

test('an app that cannot start tries again when the operator asks', async () => {
  let isDown = true;
  const { page } = await takeUp('starts', async (context) => {
    await context.route('**/config.json', (route) => (isDown ? route.abort() : route.continue()));
  });
  const again = page.getByTestId('start-again');
  await again.waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  isDown = false;
  await again.click();
  await page.getByTestId('enrol').waitFor();
});

test('after an enrolment in another organization, the queue says where the photos belong', async () => {
  await spinbay(place, 'org', 'create', 'Real Cars', '--site', 'Hall 9');
  await spinbay(place, 'org', 'enrolment', 'Real Cars', 'open');
  const orgs = JSON.parse((await spinbay(place, 'org', 'list', '--json')).stdout) as { id: string; name: string }[];
  const idOf = (name: string) => orgs.find((org) => org.name === name)?.id ?? '';
  const operator = await takeUp('moves');
  const { page } = operator;
  await operator.enrolWithOneTap();
  const sessions = `${installation.endpoints.api}/sessions`;
  await page.route(sessions, (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await operator.startSpin('moves-1');
  await operator.shootUntil(0, 1);
  await page.goto(`${installation.endpoints.capture}/enrol#org_id=${idOf('Real Cars')}`);
  await page.getByText('Hall 9').or(page.getByTestId('create')).first().waitFor();
  await page.unroute(sessions);
  await page.goto(`${installation.endpoints.capture}/queue`);
  const words = page.getByTestId('other-org');
  await expect.poll(() => words.innerText()).toContain(`belongs to another organization (${idOf('Demo Motors')})`);
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the photo to this device' }).click();
  expect((await download).suggestedFilename()).toContain('.jpg');
  await page.goto(`${installation.endpoints.capture}/enrol#org_id=${idOf('Demo Motors')}`);
  await page.getByTestId('create').waitFor();
  await page.goto(`${installation.endpoints.capture}/queue`);
  await expect.poll(() => page.getByTestId('queue-counts').innerText()).toBe('Everything is sent.');
});

test('while photos are not sent, the start says that leaving pauses them, and the browser asks before it closes the page', async () => {
  const operator = await takeUp('leaves');
  const { page, context } = operator;
  await operator.enrolWithOneTap();
  const sessions = `${installation.endpoints.api}/sessions`;
  await page.route(sessions, (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await operator.startSpin('leaves-1');
  await operator.shootUntil(0, 2);
  await page.goto(installation.endpoints.capture);
  await expect.poll(() => page.getByTestId('unsent').innerText()).toContain('Not all photos are sent yet');
  expect(await page.getByTestId('unsent').innerText()).toContain('Sending pauses when you leave this app');
  expect(await accessibilityFaults(page)).toEqual([]);
  // Browsers ask only on a page that the operator has used.
  await page.getByTestId('stock').click();
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  expect(page.isClosed()).toBe(false);
  await page.unroute(sessions);
  await expect.poll(() => page.getByTestId('unsent').count(), { timeout: 60_000 }).toBe(0);
  await context.newPage();
  const closed = page.waitForEvent('close');
  await page.close({ runBeforeUnload: true });
  await closed;
});

test('the volume keys, a remote and the space bar release the shutter, once for each press', async () => {
  const operator = await takeUp('remote');
  const { page } = operator;
  await operator.enrolWithOneTap();
  await page.context().setOffline(true);
  await operator.startSpin('remote-1');
  let taken = 0;
  for (const key of ['AudioVolumeUp', 'AudioVolumeDown', 'PageDown', ' ']) {
    await page.keyboard.down(key);
    // A key that is held down repeats.
    await page.keyboard.down(key);
    await page.keyboard.up(key);
    taken++;
    await expect.poll(() => operator.safe(), { timeout: 30_000 }).toBe(`${taken}/24`);
  }
  expect(await page.getByTestId('angle').innerText()).toBe('60°');
});

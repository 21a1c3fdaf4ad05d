import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
  folder = await mkdtemp(join(tmpdir(), 'spinbay-devices-'));
  film = await filmOfSize(1600, 1200);
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

/** A camera of this size that shows a grey wall. */
async function filmOfSize(width: number, height: number): Promise<string> {
  const pictures = join(folder, `${width}`);
  await mkdir(pictures);
  const background = { r: 128, g: 128, b: 128 };
  await sharp({ create: { width, height, channels: 3, background } }).toFile(join(pictures, 'wall.jpg'));
  await filmOf(pictures, `${pictures}.y4m`, { framesPerSecond: 5 });
  return `${pictures}.y4m`;
}

/** @param prepare runs before the app opens */
async function takeUp(
  profile: string,
  camera: string | null = film,
  prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
): Promise<Phone> {
  const { capture } = installation.endpoints;
  phone = await Phone.takeUp({ profile: join(folder, profile), film: camera, capture, prepare });
  return phone;
}

/** Gives the page a barcode reader, which Chromium on Linux lacks. It reads `codes`. With null, its system service fails. */
async function readsBarcodes(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const page = window as unknown as { codes: string[] | null; formats: string[]; BarcodeDetector: unknown };
    page.codes = [];
    page.BarcodeDetector = class {
      static getSupportedFormats = async () => ['aztec', 'code_39', 'data_matrix', 'ean_13'];
      constructor({ formats }: { formats: string[] }) {
        page.formats = formats;
      }
      async detect(video: HTMLVideoElement) {
        if (page.codes === null) throw new DOMException('Barcode detection service unavailable.', 'NotSupportedError');
        return video.videoWidth === 0 ? [] : page.codes.map((rawValue) => ({ rawValue }));
      }
    };
  });
}

async function show(on: Phone, codes: string[] | null): Promise<void> {
  await on.page.evaluate((shown) => Object.assign(window, { codes: shown }), codes);
}

test('a VIN is scanned from its barcode; another code and a wrong check digit are reported', async () => {
  const operator = await takeUp('scans', film, readsBarcodes);
  const { page, faults } = operator;
  await operator.enrolWithOneTap();
  await page.getByTestId('scan-vin').click();
  await page.getByText('Hold the camera over the barcode').waitFor();
  const status = page.getByTestId('scan-status');
  expect(await page.evaluate(() => (window as unknown as { formats: string[] }).formats)).toEqual([
    'code_39',
    'data_matrix',
  ]);
  expect(await accessibilityFaults(page)).toEqual([]);
  await expect.poll(() => status.innerText()).toContain('No barcode found yet');
  await show(operator, ['4006381333931']);
  await expect.poll(() => status.innerText()).toContain('This code is not a VIN: 4006381333931');
  await show(operator, ['I1hgcm82633a004353 ']);
  await page.getByText('Scanned. Compare the VIN with the car.').waitFor();
  expect(await page.getByTestId('vin').inputValue()).toBe('1HGCM82633A004353');
  expect(await page.getByText('The 9th character').innerText()).toContain('require 5');
  // The camera is free again.
  expect(await page.locator('video').count()).toBe(0);
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByTestId('create').click();
  await page.getByTestId('shutter').waitFor();
  await page.locator('video').waitFor();
  expect(faults).toEqual([]);
});

test('a device that cannot read barcodes after all says so, and the VIN can be typed', async () => {
  const operator = await takeUp('scans-badly', film, readsBarcodes);
  const { page } = operator;
  await operator.enrolWithOneTap();
  await page.getByTestId('scan-vin').click();
  await page.getByTestId('scan-status').waitFor();
  await show(operator, null);
  const fault = page.getByTestId('scan-fault');
  await expect.poll(() => fault.innerText()).toContain('This device cannot read barcodes');
  expect(await fault.innerText()).toContain('Barcode detection service unavailable');
  expect(await page.locator('video').count()).toBe(0);
  await page.getByTestId('scan-close').click();
  await page.getByTestId('vin').fill('1HGCM82633A004352');
  await page.getByText('17 of 17 characters').waitFor();
});

test('a refused camera cannot scan a VIN, and a browser without barcodes does not offer it', async () => {
  const refused = await takeUp('scans-nothing', null, readsBarcodes);
  await refused.enrolWithOneTap();
  await refused.page.getByTestId('scan-vin').click();
  await expect.poll(() => refused.page.getByTestId('scan-fault').innerText()).toContain('No permission for the camera');
  expect(await accessibilityFaults(refused.page)).toEqual([]);
  await refused.page.getByRole('button', { name: 'Try again' }).click();
  await refused.page.getByTestId('scan-fault').waitFor();
  await refused.page.getByTestId('scan-close').click();
  await refused.page.getByTestId('scan-vin').waitFor();
  await refused.close();

  const { page } = await takeUp('scans-nothing');
  await page.getByTestId('vin').waitFor();
  expect(await page.getByTestId('scan-vin').count()).toBe(0);
});

/** Waits until the app says that the camera has stopped, and opens it again. */
async function reopens(page: Page): Promise<void> {
  await page.getByText('The camera has stopped').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('video').waitFor();
}

test('a camera that stops during a spin is opened again, without a lost and without a false photo', async () => {
  const operator = await takeUp('stops');
  const { page, faults } = operator;
  await operator.enrolWithOneTap();
  await operator.startSpin('stops-1');
  await operator.shootUntil(0, 2);

  // Unplugged directly after a press: that photo is still saved.
  await page.evaluate(() => {
    document.querySelector<HTMLElement>('[data-testid=shutter]')?.click();
    const stream = document.querySelector('video')?.srcObject as MediaStream | null;
    stream?.getVideoTracks()[0]?.dispatchEvent(new Event('ended'));
  });
  await page.getByTestId('camera-fault').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  // A remote shutter takes no photo now.
  await page.keyboard.press('PageDown');
  await reopens(page);
  await operator.shootUntil(3, 4);

  // The permission is withdrawn. The browser of the test gives it again when the app asks.
  const browser = await operator.context.newCDPSession(page);
  const origin = new URL(installation.endpoints.capture).origin;
  await browser.send('Browser.setPermission', { permission: { name: 'camera' }, setting: 'denied', origin });
  await reopens(page);
  await operator.shootUntil(4, 5);

  // Another program takes the camera for a moment, then for longer.
  const mute = (isBrief: boolean) =>
    page.evaluate((brief) => {
      const track = (document.querySelector('video')?.srcObject as MediaStream | null)?.getVideoTracks()[0];
      if (track === undefined) throw new Error('there is no camera');
      Object.defineProperty(track, 'muted', { configurable: true, value: true });
      track.dispatchEvent(new Event('mute'));
      if (!brief) return;
      document.querySelector<HTMLElement>('[data-testid=shutter]')?.click();
      Object.defineProperty(track, 'muted', { configurable: true, value: false });
      track.dispatchEvent(new Event('unmute'));
    }, isBrief);
  await mute(true);
  await operator.shootUntil(5, 6);
  await mute(false);
  await reopens(page);
  await operator.shootUntil(6, 7);
  expect(faults).toEqual([]);
});

test('a camera with few pixels is used after a warning', async () => {
  const operator = await takeUp('small', await filmOfSize(640, 480));
  const { page } = operator;
  await operator.enrolWithOneTap();
  await operator.startSpin('small-1');
  const warning = page.getByTestId('small-camera');
  await expect.poll(() => warning.innerText()).toContain('This camera gives only 640 x 480 pixels');
  expect(await warning.innerText()).toContain('look soft on a large screen');
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Close' }).click();
  expect(await warning.count()).toBe(0);
  await operator.shootUntil(0, 1);
  expect(await warning.count()).toBe(0);
  await operator.close();

  const better = await takeUp('not-small');
  await better.enrolWithOneTap();
  await better.startSpin('not-small-1');
  expect(await better.page.getByTestId('small-camera').count()).toBe(0);
});

test('a camera below the minimum of the organization takes no photo, also without a network, until the minimum allows it', async () => {
  const setMinimum = async (minimum: string) => {
    const args = ['org', 'qc', installation.endpoints.demo.org_id, 'default', '--min-side', minimum];
    expect(await spinbay(place, ...args)).toMatchObject({ status: 0 });
  };
  await setMinimum('1280');
  const operator = await takeUp('below-minimum', await filmOfSize(1024, 768));
  const { page } = operator;
  await operator.enrolWithOneTap();
  await operator.waitUntilKept();
  await page.getByTestId('stock').fill('below-1');
  await page.getByTestId('create').click();
  const refused = page.getByTestId('camera-fault');
  await expect.poll(() => refused.innerText()).toContain('This camera gives only 1024 x 768 pixels');
  expect(await refused.innerText()).toContain('at least 1280 pixels on the long side');
  expect(await page.getByTestId('shutter').count()).toBe(0);
  expect(await accessibilityFaults(page)).toEqual([]);

  await page.context().setOffline(true);
  await page.reload();
  await expect.poll(() => refused.innerText()).toContain('at least 1280 pixels on the long side');
  await page.context().setOffline(false);

  await setMinimum('1024');
  // The app asks for the rules when it opens.
  await page.reload();
  await operator.shootUntil(0, 1);
  await setMinimum('default');
});

test('a browser that stores nothing says what to do, and one that may delete photos says so', async () => {
  const blocking = join(folder, 'stores-nothing', 'Default');
  await mkdir(blocking, { recursive: true });
  // "Block all cookies" also blocks IndexedDB.
  const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(blocking, 'Preferences'), JSON.stringify(settings));
  const blocked = await takeUp('stores-nothing');
  await blocked.page.getByText('Leave private browsing, or allow storage for this address').waitFor();
  expect(await accessibilityFaults(blocked.page)).toEqual([]);
  await blocked.close();

  const missing = await takeUp('has-no-storage', film, async (context) => {
    await context.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }));
  });
  await missing.page.getByText('Leave private browsing, or allow storage for this address').waitFor();
  await missing.close();

  for (const granted of [false, true]) {
    const operator = await takeUp(`persists-${granted}`, film, async (context) => {
      await context.addInitScript((answer) => {
        Object.assign(navigator.storage, { persist: async () => answer, persisted: async () => answer });
      }, granted);
    });
    await operator.enrolWithOneTap();
    const words = operator.page.getByText('This browser may delete photos if storage runs low');
    await expect.poll(() => words.count()).toBe(granted ? 0 : 1);
    await operator.close();
  }
});

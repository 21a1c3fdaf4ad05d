import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { generate } from 'selfsigned';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults } from '../e2e/support/browser.ts';
import { filmOf } from '../e2e/support/fake-camera.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { Phone } from '../e2e/support/phone.ts';

const upright = { width: 390, height: 844 };
/** The smallest width and height of a control for a thumb in a glove, in pixels. */
const smallestTarget = 48;

let place: Place;
let installation: Installation;
let folder: string;
let film: string;
let token: string;
let phone: Phone | undefined;
let untrusted: Server | undefined;

beforeAll(async () => {
  place = await makePlace();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-look-'));
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  // The left half of the scene is black, the right half is white.
  const [width, height] = [1600, 1200];
  const white = { create: { width: width / 2, height, channels: 3 as const, background: '#ffffff' } };
  await sharp({ create: { width, height, channels: 3, background: '#000000' } })
    .composite([{ input: await sharp(white).png().toBuffer(), left: width / 2, top: 0 }])
    .jpeg()
    .toFile(join(pictures, 'halves.jpg'));
  film = join(folder, 'film.y4m');
  await filmOf(pictures, film, { framesPerSecond: 5 });
  installation = await start(place);
  token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
});
afterEach(async ({ task }) => {
  await phone?.close(task);
  phone = undefined;
  untrusted?.close();
  untrusted = undefined;
});
afterAll(async () => {
  await installation?.stop();
  await place?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function takeUp(
  profile: string,
  prepare: (context: BrowserContext) => Promise<void> = async () => undefined,
): Promise<Phone> {
  const { capture } = installation.endpoints;
  phone = await Phone.takeUp({ profile: join(folder, profile), film, capture, prepare });
  return phone;
}

async function api<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(installation.endpoints.api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  return (await response.json()) as T;
}

interface Insets {
  readonly top: number;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function boxOf(of: Locator): Promise<Box> {
  const box = await of.boundingBox();
  if (box === null) throw new Error(`${of} is not shown`);
  return box;
}

/** Where the camera's picture of 4:3 is within the viewfinder. */
async function pictureBox(page: Page): Promise<Box> {
  const { x, y, width, height } = await boxOf(page.locator('video'));
  const shown = { width: Math.min(width, (height * 4) / 3), height: Math.min(height, (width * 3) / 4) };
  return { x: x + (width - shown.width) / 2, y: y + (height - shown.height) / 2, ...shown };
}

/**
 * The greatest brightness of the page, 0 to 255, in a square of 5 x 5 pixels around each point.
 * @param points in fractions of the width and height of the box
 */
async function brightness(page: Page, box: Box, points: readonly (readonly [number, number])[]): Promise<number[]> {
  const { data, info } = await sharp(await page.screenshot())
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return points.map(([right, down]) => {
    const [x, y] = [Math.round(box.x + right * box.width), Math.round(box.y + down * box.height)];
    const near = [-2, -1, 0, 1, 2];
    return Math.max(
      ...near.flatMap((dy) => near.map((dx) => data[((y + dy) * info.width + x + dx) * info.channels] ?? 0)),
    );
  });
}

/** Turns the phone, and waits until the camera's screen shows the controls of the new orientation. */
async function turn(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  await page.waitForFunction(({ width, height }) => {
    const screen = document.querySelector('#camera-screen');
    const isTurned = screen === null || getComputedStyle(screen).flexDirection.startsWith('row') === width > height;
    return innerWidth === width && innerHeight === height && isTurned;
  }, size);
}

/** What is wrong with the buttons of the page: outside the screen, too small, or under something else. */
function faultyButtons(page: Page): Promise<string[]> {
  return page.evaluate((smallest) => {
    const faults: string[] = [];
    const isInList = (element: Element): boolean => {
      const parent = element.parentElement;
      return parent !== null && (/auto|scroll/.test(getComputedStyle(parent).overflowY) || isInList(parent));
    };
    for (const button of document.querySelectorAll('[role=button], [role=radio]')) {
      // Another test checks the shots of a checklist.
      if (button.closest('[data-testid^=shot-]')) continue;
      if (isInList(button)) button.scrollIntoView({ block: 'center' });
      const name = button.getAttribute('aria-label') ?? button.textContent ?? '';
      const { left, top, right, bottom, width, height } = button.getBoundingClientRect();
      if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) faults.push(`${name}: cut off`);
      if (width < smallest || height < smallest) faults.push(`${name}: ${width} x ${height}`);
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (!button.contains(hit)) faults.push(`${name}: covered`);
    }
    if ((document.scrollingElement?.scrollWidth ?? 0) > innerWidth) faults.push('the page is wider than the screen');
    return faults;
  }, smallestTarget);
}

async function choose(page: Page, choice: string, option: string): Promise<void> {
  await page.getByTestId('options').click();
  await page.getByRole('radiogroup', { name: choice }).getByRole('radio', { name: option }).click();
  await page.getByTestId('close-options').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

test('in landscape every control of a spin is reachable, on the side of the hand that the operator has chosen', async () => {
  const operator = await takeUp('landscape');
  const { page } = operator;
  await operator.enrolWithOneTap();
  await operator.startSpin('landscape-1');
  await operator.shootUntil(0, 1);
  await page.getByRole('button', { name: 'Previous angle' }).click();
  await page.getByText('Shoot 0° again').waitFor();
  // Upright, on its side, on its side with the bars of a browser, and a small phone.
  const sizes = [upright, { width: 844, height: 390 }, { width: 750, height: 331 }, { width: 568, height: 320 }];
  for (const size of sizes) {
    await turn(page, size);
    await expect.poll(() => faultyButtons(page), { message: `${size.width} x ${size.height}` }).toEqual([]);
  }
  const sides = async () => {
    const middle = async (testId: string) => {
      const { x, width } = await boxOf(page.getByTestId(testId));
      return x + width / 2;
    };
    await turn(page, { width: 844, height: 390 });
    const landscape = (await middle('shutter')) < 422 ? 'left' : 'right';
    const video = await boxOf(page.locator('video'));
    expect(video.width).toBeGreaterThan(844 / 2);
    await turn(page, upright);
    return { landscape, portrait: (await middle('dial')) < (await middle('undo')) ? 'left' : 'right' };
  };
  expect(await sides()).toEqual({ landscape: 'right', portrait: 'right' });
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: 'Left hand' }).click();
  await page.getByRole('button', { name: 'Back' }).click();
  await operator.continueSession();
  await page.locator('video').waitFor();
  expect(await sides()).toEqual({ landscape: 'left', portrait: 'left' });
  await turn(page, { width: 844, height: 390 });
  await expect.poll(() => faultyButtons(page)).toEqual([]);
  await page.reload();
  await page.locator('video').waitFor();
  expect(await sides()).toEqual({ landscape: 'left', portrait: 'left' });

  await page.getByTestId('options').click();
  const lines = async (option: string) =>
    (await boxOf(page.getByRole('radio', { name: option, exact: true }).first().locator('div'))).height;
  expect(await lines('Every 2 s')).toBe(await lines('Off'));
  await turn(page, { width: 844, height: 390 });
  await page.getByRole('button', { name: 'Review' }).click();
  const viewer = await boxOf(page.locator('spinbay-viewer'));
  const [title, footer] = [
    await boxOf(page.getByRole('heading', { level: 1 })),
    await boxOf(page.getByTestId('finish')),
  ];
  const picture = (viewer.width * 3) / 4;
  expect(picture).toBeLessThan(footer.y - (title.y + title.height));
});

test('the grid and the previous photo lie exactly over the picture of the camera, and each can be turned off', async () => {
  const operator = await takeUp('guides');
  const { page } = operator;
  await operator.enrolWithOneTap();
  await operator.startSpin('guides-1');
  const [grid, ghost] = [page.getByTestId('grid'), page.getByTestId('ghost')];
  expect(await ghost.count()).toBe(0);
  await operator.shootUntil(0, 1);
  await ghost.locator('img').waitFor({ state: 'attached' });
  for (const size of [upright, { width: 844, height: 390 }]) {
    await turn(page, size);
    const picture = await pictureBox(page);
    for (const guide of [grid, ghost]) {
      const box = await boxOf(guide);
      for (const side of ['x', 'y', 'width', 'height'] as const)
        expect(Math.abs(box[side] - picture[side]), `${side} of a guide at ${size.width}`).toBeLessThan(1);
    }
  }
  // Without the live picture only the guides are left.
  await page.addStyleTag({ content: 'video { visibility: hidden }' });
  const picture = await pictureBox(page);
  const thirds = [1 / 3, 2 / 3].flatMap((third) => [[third, 0.45] as const, [0.45, third] as const]);
  const [darkHalf, brightHalf] = [[0.2, 0.8] as const, [0.8, 0.8] as const];
  const dark = 10;
  const darkest = async (points: Parameters<typeof brightness>[2]) =>
    Math.min(...(await brightness(page, picture, points)));
  const brightest = async (points: Parameters<typeof brightness>[2]) =>
    Math.max(...(await brightness(page, picture, points)));
  await expect.poll(() => darkest([brightHalf])).toBeGreaterThan(5 * dark);
  expect(await brightest([darkHalf])).toBeLessThan(dark);
  expect(await darkest(thirds)).toBeGreaterThan(5 * dark);

  // After a restart of the app the next photo is still aligned with the previous one.
  await page.reload();
  await ghost.locator('img').waitFor({ state: 'attached' });
  await page.addStyleTag({ content: 'video { visibility: hidden }' });
  await expect.poll(() => darkest([brightHalf])).toBeGreaterThan(5 * dark);
  await choose(page, 'Overlay of the previous photo', 'Off');
  await expect.poll(() => ghost.count()).toBe(0);
  await expect.poll(() => brightest([brightHalf])).toBeLessThan(dark);
  await choose(page, 'Grid', 'Off');
  await expect.poll(() => grid.count()).toBe(0);
  await expect.poll(() => brightest(thirds)).toBeLessThan(dark);
  await page.reload();
  await page.locator('video').waitFor();
  expect([await grid.count(), await ghost.count()]).toEqual([0, 0]);
});

test('nothing lies under the notch, the clock or the home bar of a phone', async () => {
  const operator = await takeUp('notch');
  const { page } = operator;
  await operator.enrolWithOneTap();
  await operator.startSpin('notch-1');
  const devtools = await page.context().newCDPSession(page);
  const outside = ({ top, left, right, bottom }: Insets) =>
    page.evaluate(
      (free) =>
        [...document.querySelectorAll('[role=button]')].filter((button) => {
          const box = button.getBoundingClientRect();
          return box.left < free.left || box.top < free.top || box.right > free.right || box.bottom > free.bottom;
        }).length,
      {
        left,
        top,
        right: (page.viewportSize()?.width ?? 0) - right,
        bottom: (page.viewportSize()?.height ?? 0) - bottom,
      },
    );
  const phones: [typeof upright, Insets][] = [
    [upright, { top: 47, left: 0, right: 0, bottom: 34 }],
    [
      { width: 844, height: 390 },
      { top: 0, left: 47, right: 47, bottom: 21 },
    ],
  ];
  for (const [size, insets] of phones) {
    await turn(page, size);
    await devtools.send('Emulation.setSafeAreaInsetsOverride', { insets });
    await expect.poll(() => outside(insets)).toBe(0);
    await page.getByTestId('options').click();
    const close = await boxOf(page.getByTestId('close-options'));
    expect(close.y + close.height).toBeLessThanOrEqual(size.height - insets.bottom);
    await page.getByTestId('close-options').click();
  }
});

test('a list of 200 shots is shot: each one is found, and Done waits for the required ones', async () => {
  const long = { name: 'shot_100', label: `${'Anhängerkupplung '.repeat(3)}hinten`, required: true };
  const shots = Array.from({ length: 200 }, (_, k) => {
    const number = String(k + 1).padStart(3, '0');
    return k === 99 ? long : { name: `shot_${number}`, label: `Detail ${number}`, required: [0, 199].includes(k) };
  });
  await api('POST', '/shot-lists', { name: 'All details', shots });
  const operator = await takeUp('many-shots');
  const { page } = operator;
  await operator.enrolWithOneTap();
  await page.getByRole('radio', { name: 'Stills' }).click();
  await page.getByRole('radio', { name: 'All details' }).click();
  await page.getByText('3 required, 197 optional').waitFor();
  await page.getByTestId('stock').fill('many-1');
  await page.getByTestId('create').click();
  await page.locator('video').waitFor();
  const shotList = page.locator('[role=button][data-testid^=shot-]');
  expect(await shotList.count()).toBe(200);
  const isInView = (testId: string) =>
    page.getByTestId(testId).evaluate((shot) => {
      const { left, top, right, bottom } = shot.getBoundingClientRect();
      return shot.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    });
  const [shotName, done] = [page.getByTestId('shot-name'), page.getByTestId('done')];
  const required = ['shot_001', 'shot_100', 'shot_200'];
  for (const [taken, shot] of required.entries()) {
    expect(await done.getAttribute('aria-disabled')).toBe('true');
    await page.getByTestId(`shot-${shot}`).click();
    await expect.poll(() => shotName.innerText()).toContain(shots[Number(shot.slice(5)) - 1]?.label ?? '');
    await page.getByTestId('shutter').click();
    await expect.poll(() => shotName.innerText()).toContain(`${taken + 1}/200`);
  }
  // After the last shot the first open one is next, and the list shows it.
  await expect.poll(() => shotName.innerText()).toContain('Detail 002');
  await expect.poll(() => isInView('shot-shot_002')).toBe(true);
  // The count includes a photo that is not stored yet; Done waits for it.
  await expect.poll(() => done.getAttribute('aria-disabled')).not.toBe('true');
  await page.getByTestId('shot-shot_100').click();
  for (const size of [{ width: 844, height: 390 }, { width: 568, height: 320 }, upright]) {
    await turn(page, size);
    await expect.poll(() => faultyButtons(page), { message: `${size.width} x ${size.height}` }).toEqual([]);
    await expect.poll(() => isInView('shot-shot_100')).toBe(true);
    await expect.poll(async () => (await boxOf(page.locator('video'))).width).toBeGreaterThan(size.width / 2);
  }
  await done.click();
  await page.getByTestId('complete').waitFor();
  await page.getByTestId('finish').click();
  await page.getByTestId('create').waitFor();
  const status = async () =>
    (await api<{ items: { status: string }[] }>('GET', '/sessions?q=MANY-1')).items.map((session) => session.status);
  await expect.poll(status).toEqual(['completed']);
});

test('a stock number of 200 characters is refused with its limit, and one of 64 fits on every screen', async () => {
  const operator = await takeUp('long-stock');
  const { page } = operator;
  await operator.enrolWithOneTap();
  await page.getByTestId('stock').fill('W'.repeat(200));
  await page.getByTestId('create').click();
  await expect.poll(() => page.getByRole('alert').innerText()).toBe('A stock number has at most 64 characters.');
  await expect.poll(() => faultyButtons(page)).toEqual([]);
  await operator.startSpin('W'.repeat(64));
  expect(await page.getByRole('alert').count()).toBe(0);
  await operator.shootUntil(0, 1);
  await expect.poll(() => faultyButtons(page)).toEqual([]);
  const { capture } = installation.endpoints;
  await page.getByTestId('queue-button').click();
  await page.getByTestId('queue-photo').waitFor();
  await expect.poll(() => faultyButtons(page)).toEqual([]);
  await page.goto(capture);
  await page.getByRole('button', { name: 'Continue' }).waitFor();
  await expect.poll(() => faultyButtons(page)).toEqual([]);
  await page.getByTestId('stock').fill('W'.repeat(64));
  await page.getByTestId('create').click();
  await page.getByTestId('found-session').waitFor();
  expect(await page.evaluate(() => document.scrollingElement?.scrollWidth)).toBe(upright.width);
});

test('a server with a certificate that the device does not trust is explained, and enrols the device once it is trusted', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
  const target = new URL(installation.endpoints.api);
  untrusted = createServer({ key, cert }, (client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    client.pipe(upstream).pipe(client);
  });
  untrusted.on('tlsClientError', () => undefined);
  untrusted.listen(0, '127.0.0.1');
  await once(untrusted, 'listening');
  const api_url = `https://127.0.0.1:${(untrusted.address() as AddressInfo).port}`;
  const publicKey = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  const fingerprint = createHash('sha256').update(publicKey).digest('base64');

  /** Opens the app in a browser that trusts the certificate or not. */
  const open = async (isTrusted: boolean): Promise<Phone> => {
    await phone?.close();
    phone = await Phone.takeUp({
      profile: join(folder, 'untrusted'),
      film,
      capture: installation.endpoints.capture,
      args: [
        // The browser treats a page with changed headers as one of another machine, which may not reach this one.
        '--disable-features=LocalNetworkAccessChecks',
        ...(isTrusted ? [`--ignore-certificate-errors-spki-list=${fingerprint}`] : []),
      ],
      prepare: async (context) => {
        // The test does not see the requests of a service worker.
        await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
        await context.route(`${installation.endpoints.capture}/**`, async (route) => {
          const response = await route.fetch();
          const headers = response.headers();
          // The policy of the app allows only the server of the installation.
          delete headers['content-security-policy'];
          if (!route.request().url().endsWith('/config.json')) return route.fulfill({ response, headers });
          return route.fulfill({ response, headers, json: { ...((await response.json()) as object), api_url } });
        });
      },
    });
    return phone;
  };

  const stranger = await open(false);
  await stranger.page.getByTestId('enrol').click();
  const words = stranger.page.getByTestId('enrol-fault');
  await expect.poll(() => words.innerText()).toContain(`open ${api_url} in the browser of this device`);
  expect(await words.innerText()).toContain('this device does not trust the server');
  expect(await accessibilityFaults(stranger.page)).toEqual([]);
  await expect.poll(() => faultyButtons(stranger.page)).toEqual([]);

  const friend = await open(true);
  await friend.enrolWithOneTap();
  await friend.startSpin('untrusted-1');
  await friend.shootUntil(0, 1);

  // The certificate has expired, for example.
  const { page } = await open(false);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByTestId('shutter').click();
  await page.getByText('2/24').waitFor();
  await page.getByTestId('queue-button').click();
  const notice = page.getByTestId('no-answer');
  await expect.poll(() => notice.innerText()).toContain('The server does not answer. Photos stay on this device');
  expect(await notice.innerText()).toContain(`open ${api_url} in the browser of this device`);
  await expect.poll(() => page.getByTestId('queue-photo').last().innerText()).toMatch(/^15°\s+waiting$/);
  expect(await accessibilityFaults(page)).toEqual([]);

  const again = await open(true);
  await again.page.getByTestId('queue-button').click();
  const counts = again.page.getByTestId('queue-counts');
  await expect.poll(() => counts.innerText(), { timeout: 60_000 }).toBe('Everything is sent.');
  await expect.poll(() => again.page.getByTestId('no-answer').count()).toBe(0);
});

test.each([
  ['ahead', 3],
  ['behind', -3],
])('a clock that is three days %s changes nothing: photos and session have the time of the server', async (_, days) => {
  const offsetMs = days * 24 * 3_600_000;
  const operator = await takeUp(`clock-${days}`, async (context) => {
    await context.addInitScript((offset) => {
      const RealDate = Date;
      window.Date = class extends RealDate {
        constructor(...parts: unknown[]) {
          super(...((parts.length === 0 ? [RealDate.now() + offset] : parts) as [number]));
        }
        static override now() {
          return RealDate.now() + offset;
        }
      } as DateConstructor;
    }, offsetMs);
  });
  const { page, faults } = operator;
  const began = Date.now();
  await operator.enrolWithOneTap();
  const stock = `CLOCK-${days + 10}`;
  await operator.startSpin(stock);
  await operator.shootUntil(0, 2);
  await page.getByTestId('options').click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByTestId('finish').click();
  await page.getByTestId('create').waitFor();
  interface Item {
    readonly id: string;
    readonly status: string;
    readonly completed_at: string | null;
    readonly captured_at: string | null;
  }
  const items = async (path: string) => (await api<{ items: Item[] }>('GET', path)).items;
  await expect.poll(async () => (await items(`/sessions?q=${stock}`))[0]?.status).toBe('completed');
  const [session] = await items(`/sessions?q=${stock}`);
  const images = () => items(`/images?session_id=${session?.id}`);
  // The scene has no edges but one, so its photos may fail their check.
  const checked = expect.stringMatching(/^(processed|failed)$/);
  await expect
    .poll(async () => (await images()).map(({ status }) => status), { timeout: 60_000 })
    .toEqual([checked, checked]);
  const times = [session?.completed_at, ...(await images()).map(({ captured_at }) => captured_at)];
  for (const time of times) {
    // The date of a reply has a resolution of one second.
    expect(Date.parse(time ?? '')).toBeGreaterThan(began - 2_000);
    expect(Date.parse(time ?? '')).toBeLessThan(Date.now() + 2_000);
  }
  await page.getByTestId('queue-button').click();
  await expect
    .poll(() => page.getByTestId('queue-counts').innerText(), { timeout: 60_000 })
    .toBe('Everything is sent.');
  expect(faults).toEqual([]);
});

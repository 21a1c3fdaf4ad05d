import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { renderUnicodeCompact } from 'uqr';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { signIn } from '../e2e/support/browser.ts';
import { filmOf, openPhone } from '../e2e/support/fake-camera.ts';
import { type Installation, launch, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { makePhoneNetwork, type PhoneNetwork } from '../e2e/support/phone-network.ts';

let place: Place;
let installation: Installation;
let network: PhoneNetwork;
let folder: string;
let film: string;
let phone: BrowserContext | undefined;

beforeAll(async () => {
  place = await makePlace();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-lan-'));
  network = await makePhoneNetwork(folder);
  film = join(folder, 'film.y4m');
  await mkdir(join(folder, 'scene'));
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 50 };
  await sharp({ create: { width: 1280, height: 960, channels: 3, background: '#808080', noise } })
    .jpeg()
    .toFile(join(folder, 'scene', '1.jpg'));
  await filmOf(join(folder, 'scene'), film, { framesPerSecond: 5 });
  installation = await start(place, ['--no-sample', '--lan']);
});
afterEach(async () => {
  await phone?.close();
  phone = undefined;
});
afterAll(async () => {
  await installation?.stop();
  await network?.remove();
  await place?.remove();
  await rm(folder, { recursive: true, force: true });
});

const origin = () => installation.endpoints.lan?.url ?? '';

/** The fingerprint with which Chromium accepts this authority. */
async function fingerprintOfAuthority(): Promise<string> {
  const authority = new X509Certificate(await readFile(installation.endpoints.lan?.ca ?? ''));
  return createHash('sha256')
    .update(authority.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/** A phone in its own network; every address that it requests is recorded. */
async function takeUp(profile: string): Promise<{ page: Page; asked: Set<string>; faults: string[] }> {
  const args = [`--ignore-certificate-errors-spki-list=${await fingerprintOfAuthority()}`];
  const { browser } = network;
  phone = await openPhone(join(folder, profile), film, {
    args,
    ...(browser === undefined ? {} : { executable: browser }),
  });
  const page = phone.pages()[0] ?? (await phone.newPage());
  const asked = new Set<string>();
  const faults: string[] = [];
  phone.on('request', (request) => {
    if (request.url().startsWith('http')) asked.add(new URL(request.url()).origin);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return { page, asked, faults };
}

test('a phone in the network scans the code and shoots, and a reviewer sees the frame, all through one address', async () => {
  const link = /https:\/\/\S+\/capture\/enrol#\S+/.exec(installation.output())?.[0] ?? '';
  const printed = installation
    .output()
    .split('\n')
    .map((line) => line.trim());
  expect(printed).toEqual(expect.arrayContaining(renderUnicodeCompact(link, { border: 1 }).split('\n')));
  const { page, asked, faults } = await takeUp('phone');
  await page.goto(link);
  await page.getByRole('radio', { name: 'Studio North' }).waitFor();
  expect(page.url()).toBe(`${origin()}/capture/`);
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
  await page.getByTestId('stock').fill('LAN-1');
  await page.getByTestId('create').click();
  await page.locator('video').waitFor();
  await page.getByTestId('shutter').click();
  await expect.poll(() => page.getByTestId('progress').innerText()).toBe('1/24');

  const portal = (await phone?.newPage()) as Page;
  await signIn(portal, installation.endpoints, 'reviewer@demo.test');
  expect(portal.url()).toBe(`${origin()}/sessions`);
  await portal.getByRole('link', { name: /LAN-1/ }).click();
  const frame = portal.locator('[data-testid=frame][data-status=processed]');
  await expect.poll(() => frame.count(), { timeout: 60_000 }).toBe(1);
  const picture = frame.locator('img');
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  expect(new URL((await picture.getAttribute('src')) ?? '').origin).toBe(origin());
  expect([...asked]).toEqual([origin()]);
  expect(faults).toEqual([]);
});

test('internal services are not reachable from the network, and devices need a code', async () => {
  const { hostname } = new URL(origin());
  const { api, objects, queue, database } = installation.endpoints;
  for (const url of [api, objects, queue, database]) {
    const { port } = new URL(url);
    const outcome = await new Promise((resolve) => {
      const socket = connect(Number(port), hostname);
      socket.once('connect', () => resolve('connected'));
      socket.once('error', (error) => resolve((error as { code?: string }).code));
      socket.once('connect', () => socket.destroy());
    });
    expect(outcome, url).toBe('ECONNREFUSED');
  }
  const { page } = await takeUp('stranger');
  await page.goto(`${origin()}/capture/`);
  await page.getByTestId('enrol').click();
  await expect.poll(() => page.getByTestId('enrol-fault').innerText()).toContain('enrols devices by code');
});

test('commands on the machine itself still work: they trust the certificate of the installation', async () => {
  const doctor = await spinbay(place, 'doctor');
  expect(doctor.stdout + doctor.stderr).toContain(`issuer: ${origin()}/oidc answers`);
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  const response = await fetch(`${installation.endpoints.api}/sites`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  const made = await spinbay(place, 'org', 'code', 'Demo Motors', '--all-sites', '--json');
  const { code, enrol_url } = JSON.parse(made.stdout) as { code: string; enrol_url: string };
  expect(enrol_url).toContain(`${origin()}/capture/enrol#api=${encodeURIComponent(origin())}`);
  const asked = ['--stock', 'CLI-1', '--mode', 'stills', '--code', code, '--json'];
  const ingest = await spinbay(place, 'ingest', join(folder, 'scene'), ...asked);
  expect(JSON.parse(ingest.stdout).images, ingest.stderr).toEqual([expect.objectContaining({ status: 'processed' })]);
});

test.each([
  [['--lan', '203.0.113.9'], /does not have the address 203\.0\.113\.9/],
  [['--lan', '--name', 'no_host'], /is not a host name/],
  [['203.0.113.9'], /Only --lan takes an address/],
])('a start with %j explains what is wrong', async (args, words) => {
  const other = await makePlace();
  try {
    const { process: child, printed } = launch(other, args);
    await once(child, 'exit');
    expect(printed()).toMatch(words);
    expect(child.exitCode).toBe(1);
  } finally {
    await other.remove();
  }
});

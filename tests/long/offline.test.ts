// Network faults other than a complete outage. Each photo still arrives exactly once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@spinbay/client';
import { SiteId } from '@spinbay/contracts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { filmOf } from '../e2e/support/fake-camera.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { Phone, spinAngles } from '../e2e/support/phone.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';
import { type Condition, type Link, type LinkSpeed, openLink } from '../e2e/support/shaped-link.ts';
import { framesOf } from '../e2e/support/spins.ts';

const photos = 5;
const angles = spinAngles.slice(0, photos);
const patient = { timeout: 120_000 };

let place: Place;
let installation: Installation;
let folder: string;
let film: string;
let client: Client;
let link: Link | undefined;
const phones: Phone[] = [];

beforeAll(async () => {
  place = await makePlace();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-offline-'));
  film = join(folder, 'film.y4m');
  const spin = join(folder, 'spin');
  installation = await start(place);
  await sampleSpin(spin, { size: 'large' });
  await filmOf(spin, film, { framesPerSecond: 2 });
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  client = createClient({ baseUrl: installation.endpoints.api, token: () => token });
});
afterEach(async ({ task }) => {
  for (const phone of phones.splice(0)) await phone.close(task);
  await link?.close();
  link = undefined;
});
afterAll(async () => {
  await installation?.stop();
  await place?.remove();
  await rm(folder, { recursive: true, force: true });
});

async function throughLink(speed?: LinkSpeed): Promise<Link> {
  const { api, objects, capture } = installation.endpoints;
  link = await openLink([api, objects, capture], speed);
  return link;
}

async function takeUp(profile: string, through: Link, offline = false): Promise<Phone> {
  const { capture } = installation.endpoints;
  const args = through.chromiumArgs;
  const phone = await Phone.takeUp({ profile: join(folder, profile), film, capture, args, offline });
  phones.push(phone);
  return phone;
}

/** An operator who is about to press the shutter, with an app that also opens without a network. */
async function readyToShoot(name: string, through: Link): Promise<Phone> {
  const phone = await takeUp(name, through);
  await phone.enrolWithOneTap();
  await phone.waitUntilKept();
  await phone.startSpin(name);
  return phone;
}

/** Waits until each angle has arrived once and its original is measured. */
async function expectEachOnce(stock: string): Promise<void> {
  const arrived = async () =>
    (await framesOf(client, stock)).map(
      ({ angle_deg, status, shown_upload }) => `${angle_deg} ${status} ${shown_upload}`,
    );
  await expect.poll(arrived, patient).toEqual(angles.map((angle) => `${angle} processed original`));
  expect(new Set((await framesOf(client, stock)).map(({ hash_sha256 }) => hash_sha256)).size).toBe(photos);
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

test('the network comes and goes every three seconds while a spin is shot: each photo arrives once', async () => {
  const through = await throughLink({ upBytesPerSecond: 150_000, downBytesPerSecond: 500_000, roundTripMs: 100 });
  const phone = await readyToShoot('FLAPPING', through);
  const shooting = phone.shootUntil(0, photos);
  for (let k = 0; k < 6; k++) {
    const isDown = k % 2 === 0;
    through.set({ kind: isDown ? 'cut' : 'open' });
    await phone.context.setOffline(isDown);
    await sleep(3_000);
  }
  await shooting;
  await expectEachOnce('FLAPPING');
});

const unavailable: Condition = { kind: 'answer', status: 503, type: 'text/plain', body: 'no server', cors: true };
const full: Condition = {
  kind: 'answer',
  status: 507,
  type: 'application/xml',
  cors: true,
  body: '<Error><Code>InsufficientStorage</Code><Message>no room</Message></Error>',
};
const captive: Condition = {
  kind: 'answer',
  status: 200,
  type: 'text/html',
  cors: true,
  body: '<!doctype html><title>Wi-Fi</title><p>Accept the terms.</p>',
};

test.each([
  { name: 'the API answers 503', stock: 'API-503', condition: unavailable, at: ['api'] as const },
  { name: 'the object store is full', stock: 'STORE-FULL', condition: full, at: ['objects'] as const },
  {
    name: 'a captive portal answers everything with a page',
    stock: 'CAPTIVE',
    condition: captive,
    at: ['api', 'objects', 'capture'] as const,
  },
])(
  '$name while photos are shot: the shutter keeps working, and each photo arrives once afterwards',
  async ({ stock, condition, at }) => {
    const through = await throughLink();
    const phone = await readyToShoot(stock, through);
    for (const server of at) through.set(condition, installation.endpoints[server]);
    await phone.shootUntil(0, photos);
    await sleep(10_000);
    expect((await framesOf(client, stock)).filter(({ status }) => status !== 'pending')).toEqual([]);
    through.set({ kind: 'open' });
    await expectEachOnce(stock);
  },
);

test('a token that the server refuses after hours without a network is renewed, and each photo arrives once', async () => {
  const through = await throughLink();
  const phone = await readyToShoot('OLD-TOKEN', through);
  await phone.context.setOffline(true);
  await phone.shootUntil(0, photos);
  await phone.invalidateToken();
  await phone.kill();
  const again = await takeUp('OLD-TOKEN', through, true);
  await again.page.getByTestId('create').waitFor();
  await again.context.setOffline(false);
  await expectEachOnce('OLD-TOKEN');
  expect(await again.page.getByTestId('enrol').count()).toBe(0);
});

test('the app is killed in the middle of an upload: after a restart it sends the missing photos, each once', async () => {
  const through = await throughLink({ upBytesPerSecond: 100_000, downBytesPerSecond: 500_000, roundTripMs: 100 });
  const phone = await readyToShoot('MID-UPLOAD', through);
  const before = through.bytes().up;
  await phone.shootUntil(0, photos);
  await expect.poll(() => through.bytes().up - before, patient).toBeGreaterThan(200_000);
  await phone.kill();
  expect(
    (await framesOf(client, 'MID-UPLOAD')).filter(({ shown_upload }) => shown_upload === 'original').length,
  ).toBeLessThan(photos);
  await takeUp('MID-UPLOAD', through);
  await expectEachOnce('MID-UPLOAD');
});

/** Restricts all devices to the demo sites. They can then continue sessions that other devices started there. */
async function bindDevicesToSites(): Promise<void> {
  const site_ids = installation.endpoints.demo.site_ids.map((id) => SiteId.parse(id));
  const { body } = await client.listDevices({});
  for (const { id } of body.items) await client.updateDevice({ params: { device_id: id }, body: { site_ids } });
}

test('two phones shoot one session without a network: the photos of both arrive, each once', async () => {
  const through = await throughLink();
  const first = await readyToShoot('TWO-PHONES', through);
  await first.shootUntil(0, 2);
  await expect.poll(async () => (await framesOf(client, 'TWO-PHONES')).length, patient).toBe(2);
  const second = await takeUp('TWO-PHONES-2', through);
  await second.enrolWithOneTap();
  await bindDevicesToSites();
  await second.page.getByTestId('stock').fill('TWO-PHONES');
  await second.page.getByTestId('create').click();
  await second.page.getByTestId('found-session').getByRole('button', { name: 'Continue' }).click();
  await second.page.locator('video').waitFor();
  await Promise.all([first, second].map(({ context }) => context.setOffline(true)));
  await first.shootUntil(2, 4);
  await second.shootUntil(2, 5);
  await Promise.all([first, second].map(({ context }) => context.setOffline(false)));
  const arrived = async () =>
    (await framesOf(client, 'TWO-PHONES'))
      .filter(({ shown_upload, status }) => shown_upload === 'original' && status === 'processed')
      .map(({ angle_deg }) => angle_deg ?? -1)
      .sort((a, b) => a - b);
  await expect.poll(arrived, patient).toEqual([0, 15, 30, 30, 45, 45, 60]);
  expect(new Set((await framesOf(client, 'TWO-PHONES')).map(({ hash_sha256 }) => hash_sha256)).size).toBe(7);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '@spinbay/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openStorage, type Storage } from '../chaos/storage.ts';
import { openBrowser } from './support/browser.ts';
import { filmOf } from './support/fake-camera.ts';
import { type Installation, makePlace, type Place, spinbay, start } from './support/installation.ts';
import { Phone, spinAngles } from './support/phone.ts';
import { sampleSpin } from './support/sample-spin.ts';
import { countSeen, expectWholeSpin, framesOf, openInPortal } from './support/spins.ts';

let place: Place;
let installation: Installation;
let storage: Storage;
let folder: string;
let film: string;
let client: Client;
let phone: Phone | undefined;

beforeAll(async () => {
  place = await makePlace();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-promise-'));
  film = join(folder, 'film.y4m');
  const spin = join(folder, 'spin');
  installation = await start(place);
  storage = openStorage(place, installation);
  await sampleSpin(spin, { size: 'large' });
  // Each picture is shown for two seconds, as on a turntable that is turned by hand.
  await filmOf(spin, film, { framesPerSecond: 1, order: spinAngles.flatMap((_, k) => [k, k]) });
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  client = createClient({ baseUrl: installation.endpoints.api, token: () => token });
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

async function takeUp(profile: string, offline = false): Promise<Phone> {
  const { capture } = installation.endpoints;
  phone = await Phone.takeUp({ profile: join(folder, profile), film, capture, offline });
  return phone;
}

test('24 frames are shot without a network and the app is killed: after a restart it sends each once and reports what happened', async () => {
  const first = await takeUp('offline');
  await first.enrolWithOneTap();
  await first.waitUntilKept();
  await first.context.setOffline(true);
  await first.startSpin('offline-1');
  await first.shootUntil(0, 24);
  await first.page.getByTestId('done').click();
  await first.page.getByTestId('finish').click();
  await first.page.getByTestId('create').waitFor();
  const kept = await first.digests();
  expect(new Set(kept).size).toBe(24);
  await first.kill();

  const second = await takeUp('offline', true);
  await second.page.getByTestId('create').waitFor();
  expect(await second.digests()).toEqual(kept);
  await second.page.getByTestId('queue-button').click();
  await second.page.getByTestId('queue-offline').waitFor();
  expect(await framesOf(client, 'OFFLINE-1')).toEqual([]);
  const sent = new Map<string, number>();
  second.page.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === 'PUT') sent.set(pathname, (sent.get(pathname) ?? 0) + 1);
  });
  await second.context.setOffline(false);
  await expect.poll(async () => (await framesOf(client, 'OFFLINE-1')).length).toBeGreaterThan(0);
  const frames = await expectWholeSpin(client, 'OFFLINE-1');
  expect(frames.map(({ hash_sha256 }) => hash_sha256).sort()).toEqual(kept);
  // Each has one preview and one original.
  expect([...sent.values()]).toEqual(Array.from({ length: 48 }, () => 1));

  const browser = await openBrowser();
  try {
    const portal = await browser.newPage({ viewport: { width: 1600, height: 3000 } });
    await openInPortal(portal, installation, 'OFFLINE-1');
    await expect.poll(() => countSeen(portal)).toBe(24);
  } finally {
    await browser.close();
  }
  // A killed app reports nothing. The event of its restart without a network shows what happened.
  await expect
    .poll(() => reportedBy(kept[0] ?? ''), { timeout: 120_000 })
    .toEqual([
      { type: 'app.offline', online: null },
      { type: 'app.started', online: false },
      { type: 'app.online', online: null },
    ]);
});

/**
 * The events about itself that an app reported, in order.
 * @param sha256 the digest of a photo that the app took
 */
function reportedBy(sha256: string): Promise<{ type: string; online: boolean | null }[]> {
  return storage.rows(
    `select type, (meta->>'online')::boolean as online from events
      where reported and type like 'app.%'
        and actor_id in (select actor_id from events e join uploads u on u.image_id = e.entity_id
                          where u.hash_sha256 = $1 and e.type = 'capture.shutter')
      order by occurred_at`,
    [sha256],
  );
}

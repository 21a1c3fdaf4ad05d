import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@spinbay/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  hasEnded,
  type Installation,
  launch,
  makePlace,
  type Place,
  processesOf,
  spinbay,
  start,
} from './support/installation.ts';

let place: Place;
let installation: Installation | undefined;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(async () => {
  await installation?.stop();
  await place?.remove();
});

/** The test makes two first starts. On a busy machine they took longer than the usual limit. */
const twoFirstStarts = { timeout: 600_000 };

test(
  'the next start finishes the sample spin of a first start that was killed: 24 frames of 12 megapixels pass',
  twoFirstStarts,
  async () => {
    const { process: child, printed } = launch(place, []);
    while (!printed().includes('uploaded 0 of 24')) {
      expect(hasEnded(child), printed()).toBe(false);
      await sleep(50);
    }
    await sleep(1_000);
    for (const { pid } of await processesOf(place)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended together with its parent.
      }
    }

    installation = await start(place, []);
    expect(installation.output()).toMatch(/24 of 24 frames visible [\d.]+ s after the last upload/);
    const token = (await spinbay(place, 'token', '--user', 'reviewer@demo.test')).stdout.trim();
    const client = createClient({ baseUrl: installation.endpoints.api, token: () => token });
    const sessions = (await client.listSessions()).body.items;
    expect(sessions.map((session) => [session.vehicle.stock, session.status, session.frames.processed])).toEqual([
      ['SAMPLE-1', 'completed', 24],
    ]);
    const images =
      (await client.listImages({ query: { session_id: sessions[0]?.id ?? ('' as never) } })).body?.items ?? [];
    expect(images.map((image) => image.angle_deg)).toEqual(Array.from({ length: 24 }, (_, k) => k * 15));
    for (const image of images) {
      expect([image.width, image.height]).toEqual([4032, 3024]);
      expect(image.qc).toMatchObject({ sharpness: { status: 'pass' }, exposure: { status: 'pass' } });
      expect(image.exif?.model).toBe('Sample Studio');
    }
  },
);

test('the next start does not shoot the sample again', async () => {
  await installation?.stop();
  installation = await start(place, []);
  expect(installation.output()).not.toContain('sample spin');
});

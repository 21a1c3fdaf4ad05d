import { createHash, randomUUID } from 'node:crypto';
import { createClient, uploadFrame } from '@spinbay/client';
import { ImageId, OrgId, type SessionId, SiteId, type UploadKind } from '@spinbay/contracts';
import { encodeFrame } from '@spinbay/sample-spin';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser, signIn } from '../e2e/support/browser.ts';
import { type Installation, makePlace, type Place, start } from '../e2e/support/installation.ts';

let place: Place | undefined;
let installation: Installation;
let browser: Browser | undefined;
beforeAll(async () => {
  place = await makePlace();
  installation = await start(place);
  browser = await openBrowser();
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await installation?.stop();
  await place?.remove();
});

/** A sharp frame of this size. */
function photo(width: number, height: number) {
  const data = Buffer.alloc(width * height * 3, 90);
  for (let i = 0; i < data.length; i += 3) data[i] = ((i * 7919) >> 5) & 127;
  return encodeFrame({ data, width, height }, new Date());
}

/** A phone with a session of four frames. */
async function startSession() {
  const { api, demo } = installation.endpoints;
  const [siteId = ''] = demo.site_ids;
  const enrolling = { org_id: OrgId.parse(demo.org_id), platform: 'ios', model: 'iPhone 17', app_version: '1.0.0' };
  const { body: device } = await createClient({ baseUrl: api, token: () => undefined }).authDevice({ body: enrolling });
  const client = createClient({ baseUrl: api, token: () => device.token });
  const { body: session } = await client.createSession({
    body: {
      site_id: SiteId.parse(siteId),
      vehicle: { stock: 'PREVIEW-1' },
      mode: 'studio360',
      shot_list: { studio360: { frame_count: 4 } },
    },
  });
  const send = async (image_id: ImageId, kind: UploadKind, bytes: Buffer) => {
    const content_sha256 = createHash('sha256').update(bytes).digest('hex');
    const { body } = await client.presignImage({
      body: {
        session_id: session.id,
        image_id,
        kind,
        file_name: 'angle_090.jpg',
        content_type: 'image/jpeg',
        content_sha256,
      },
    });
    await uploadFrame(body, new Uint8Array(bytes));
  };
  const list = async (sessionId: SessionId) =>
    (await client.listImages({ query: { session_id: sessionId } })).body?.items;
  return { session, send, images: () => list(session.id) };
}

test('a preview is shown with a mark, published only after a question, and replaced by its original', async () => {
  if (browser === undefined) throw new Error('there is no browser');
  const { session, send, images } = await startSession();
  const id = ImageId.parse(randomUUID());
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  await page.goto(`${installation.endpoints.portal}/sessions/${session.id}`);
  const tile = page.locator('[data-testid=frame][data-slot=angle_90]');
  await tile.waitFor();

  await send(id, 'preview', await photo(480, 360));
  const note = tile.getByTestId('preview-note');
  await note.getByText('Original not sent yet').waitFor({ timeout: 60_000 });
  await tile.locator('img').waitFor();
  expect(await page.getByText('Publish 1 passed').count()).toBe(0);
  expect(await accessibilityFaults(page)).toEqual([]);

  await tile.getByRole('button', { name: 'Publish preview of 90°' }).click();
  const question = page.getByRole('dialog', { name: 'Only a preview of 90° has arrived' });
  await question.waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  // The focus is on the answer that changes nothing.
  await page.keyboard.press('Enter');
  await question.waitFor({ state: 'detached' });
  expect(await images()).toMatchObject([{ id, status: 'processed', shown_upload: 'preview' }]);
  await tile.getByRole('button', { name: 'Publish preview of 90°' }).click();
  await question.getByRole('button', { name: 'Publish preview' }).click();
  await tile.getByTestId('published-badge').waitFor();
  await note.waitFor();

  await send(id, 'original', await photo(1600, 1200));
  await note.waitFor({ state: 'detached', timeout: 60_000 });
  await tile.getByTestId('published-badge').waitFor();
  expect(await images()).toMatchObject([
    { id, status: 'published', shown_upload: 'original', original_state: 'processed', width: 1600, override: false },
  ]);
});

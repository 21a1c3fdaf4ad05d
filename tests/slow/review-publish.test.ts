import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { accessibilityFaults } from '../e2e/support/browser.ts';
import { processesOf } from '../e2e/support/installation.ts';
import {
  angleShown,
  call,
  eventually,
  images,
  openSession,
  publishAt,
  reviewSession,
  statusAt,
  tile,
  warn,
} from '../e2e/support/review-session.ts';

const review = reviewSession();

test('a reviewer publishes a frame, sees when and who did it, and undoes it', async () => {
  const { page, faults } = await openSession();
  const [request] = await Promise.all([
    page.waitForRequest((candidate) => /\/images\/[0-9a-f-]+\/publish$/.test(candidate.url())),
    publishAt(page, 0).click(),
  ]);
  expect(request.method()).toBe('POST');
  await tile(page, 0).getByTestId('published-badge').waitFor();
  await eventually(() => tile(page, 0).getByTestId('published').innerText()).toMatch(
    /\d{4}, \d\d:\d\d\s+by Rita Reviewer/,
  );
  expect(await statusAt(0)).toBe('published');
  await page.getByTestId('done').getByRole('button', { name: 'Undo' }).click();
  await tile(page, 0).getByRole('button', { name: 'Publish 0°' }).waitFor();
  await eventually(() => statusAt(0)).toBe('processed');

  // The large picture and the 360 view can do the same.
  await tile(page, 15).locator('button[data-frame]').click();
  await page.getByTestId('caption').getByTestId('publish').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo publishing 15°' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish 15°' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('v');
  await page.getByTestId('spin-frame').getByRole('button', { name: 'Publish 15°' }).click();
  await eventually(() => statusAt(15)).toBe('published');
  expect(faults).toEqual([]);
});

test('all passed frames are published at once, and the page says which remain and why', async () => {
  const { page } = await openSession();
  await page.getByRole('button', { name: 'Publish 16 passed' }).click();
  await page.getByTestId('done').getByText('16 published, 3 left: 3 failed').waitFor();
  // The message stays while the mouse is over it.
  await page.getByTestId('done').hover();
  expect(await page.locator('[data-testid=frame][data-status=published]').count()).toBe(16);
  expect(await page.locator('[data-testid=frame][data-status=failed]').count()).toBe(3);
  expect((await images()).filter((image) => image.status === 'published')).toHaveLength(16);
  await page.getByRole('button', { name: 'All passed frames are published' }).waitFor();
  await page.getByTestId('done').getByRole('button', { name: 'Undo' }).click();
  await eventually(async () => (await images()).filter((image) => image.status === 'published').length).toBe(0);
  await page.getByRole('button', { name: 'Publish 16 passed' }).waitFor();
  await page.getByTestId('done').getByText('16 are no longer published').waitFor();
});

test('frames with a warning are a separate choice, and list, gallery and button have the same counts', async () => {
  await warn([0, 15, 60, 75, 105]);
  const { page } = await openSession();
  const counts = page.getByRole('region', { name: 'Progress' });
  await counts.getByText('11 passed').waitFor();
  await counts.getByText('5 warnings').waitFor();
  await page.getByRole('button', { name: 'Publish 11 passed' }).click();
  await page.getByTestId('done').getByText('11 published, 8 left: 5 have warnings, 3 failed').waitFor();
  expect((await images()).filter((image) => image.status === 'published')).toHaveLength(11);
  expect(await statusAt(0)).toBe('processed');
  // A second click publishes nothing: the person must first choose the warnings.
  await page.getByRole('button', { name: 'All passed frames are published' }).click({ force: true });
  await page.getByLabel('and 5 with warnings').check();
  await page.getByRole('button', { name: 'Publish 5 with warnings' }).click();
  await page.getByTestId('done').getByText('5 published, 3 left: 3 failed').waitFor();
  expect((await images()).filter((image) => image.status === 'published')).toHaveLength(16);
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('link', { name: 'All sessions', exact: true }).click();
  for (const words of ['16 published', '5 warnings', '3 failed'])
    await page.getByTestId('session').first().getByTitle(words, { exact: true }).waitFor();
});

test('everything published is unpublished at once, after a question', async () => {
  await call('POST', `/sessions/${review().id}/publish`);
  const { page } = await openSession();
  await page.getByRole('button', { name: 'Unpublish all' }).click();
  const dialog = page.getByRole('dialog', { name: 'Unpublish all 16 frames?' });
  await dialog.waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await statusAt(0)).toBe('published');
  await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Unpublish all');
  const requests: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') requests.push(new URL(request.url()).pathname);
  });
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Unpublish all' }).click();
  await page.getByTestId('done').getByText('16 are no longer published').waitFor();
  expect(requests).toEqual([`/sessions/${review().id}/unpublish`]);
  expect((await images()).filter((image) => image.status === 'published')).toEqual([]);
  await page.getByRole('button', { name: 'Publish 16 passed' }).waitFor();
});

test('a frame that failed is published only after a question', async () => {
  const { page } = await openSession();
  await publishAt(page, 90).click();
  const dialog = page.getByRole('dialog', { name: '90° failed quality control' });
  await dialog.getByText(/blurry: sharpness \d+, needs 100/).waitFor();
  await dialog.getByRole('button', { name: 'Leave it out' }).last().click();
  await dialog.waitFor({ state: 'detached' });
  expect(await statusAt(90)).toBe('failed');
  // The focus is back where it was.
  await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
    'Publish anyway: 90° failed',
  );
  await publishAt(page, 90).click();
  await dialog.getByRole('button', { name: 'Publish anyway' }).click();
  await tile(page, 90).getByText('Published although it failed').waitFor();
  await eventually(async () => (await images()).find((image) => image.angle_deg === 90)?.override).toBe(true);
  await publishAt(page, 90).click();
  await eventually(() => statusAt(90)).toBe('failed');
});

test('an operator sees what is published but cannot publish', async () => {
  const [first] = await images();
  await call('POST', `/images/${first?.id}/publish`);
  const { page } = await openSession({ email: 'operator@demo.test' });
  await tile(page, 0).getByTestId('published').getByText('by Rita Reviewer').waitFor();
  for (const view of ['gallery', 'large', '360'] as const) {
    if (view === 'large') await tile(page, 0).locator('button[data-frame]').click();
    if (view === '360') await page.keyboard.press('v');
    await page.keyboard.press('p');
    expect(await page.getByTestId('publish').count()).toBe(0);
    expect(await page.getByTestId('publish-all').count()).toBe(0);
    if (view === 'large') await page.keyboard.press('Escape');
  }
  expect(await statusAt(0)).toBe('published');
});

test('others see what one person publishes, also when the session is complete', async () => {
  const [{ page: one }, { page: other }] = await Promise.all([
    openSession(),
    openSession({ email: 'admin@demo.test' }),
  ]);
  await publishAt(one, 0).click();
  await tile(other, 0).getByTestId('published').getByText('by Rita Reviewer').waitFor({ timeout: 15_000 });

  await call('PATCH', `/sessions/${review().id}`, { status: 'completed' });
  try {
    for (const page of [one, other]) await page.locator('[data-testid=freshness][data-live=false]').waitFor();
    // Other tabs of the same browser are notified. Another person's tab is updated when they look at it.
    const second = await one.context().newPage();
    await second.goto(review().installation.endpoints.portal);
    await second.getByRole('link', { name: /R&"1/ }).click();
    await publishAt(second, 15).click();
    await tile(one, 15).getByTestId('published-badge').waitFor();
    await other.evaluate(() => window.dispatchEvent(new Event('focus')));
    await tile(other, 15).getByTestId('published-badge').waitFor();
  } finally {
    await call('PATCH', `/sessions/${review().id}`, { status: 'active' });
  }
});

test('if the server dies in the middle, a change is shown and then reverted with a message, and works when the server is back', async () => {
  const { page } = await openSession();
  const api = (await processesOf(review().place)).find(({ command }) => /\bapi\.mjs/.test(command));
  if (!api) throw new Error('there is no process of the API');
  process.kill(api.pid, 'SIGSTOP');
  await publishAt(page, 0).click();
  await tile(page, 0).getByTestId('published-badge').waitFor();
  expect(await tile(page, 0).getByTestId('published').innerText()).toBe('Publishing');
  process.kill(api.pid, 'SIGKILL');
  await tile(page, 0).getByText('Not published. The server does not answer. Try again.').waitFor();
  expect(await tile(page, 0).getAttribute('data-status')).toBe('processed');
  // One banner says so, and it disappears with its cause.
  await page
    .getByTestId('offline')
    .getByText(/does not answer/)
    .waitFor();
  expect(await page.getByTestId('stale').count()).toBe(0);
  await page.getByTestId('done').getByText('The server answers again.').waitFor({ timeout: 60_000 });
  expect(await page.getByTestId('offline').innerText()).toBe('');
  expect(await tile(page, 0).getByRole('alert').count()).toBe(0);
  await eventually(() => statusAt(0).catch(() => 'no answer')).toBe('processed');
  await publishAt(page, 0).click();
  await eventually(() => statusAt(0)).toBe('published');
  expect(await tile(page, 0).getByRole('alert').count()).toBe(0);
});

test('an error is shown beside its frame', async () => {
  const { page } = await openSession();
  // The request goes to the real server, for a frame that it does not have.
  await page.route('**/images/*/publish', (route) =>
    route.continue({
      url: route
        .request()
        .url()
        .replace(/images\/[^/]+/, `images/${review().id}`),
    }),
  );
  await publishAt(page, 60).click();
  await tile(page, 60).getByText('Not published. This image does not exist, or you have no access to it.').waitFor();
  expect(await tile(page, 60).getAttribute('data-status')).toBe('processed');
  expect(await page.getByTestId('frame').getByRole('alert').count()).toBe(1);
});

test('after a token expires in the middle, a sign-in in a new tab continues at the same frame', async () => {
  const { page } = await openSession({ search: '?view=360&frame=angle_60' });
  // Eight hours have nearly passed.
  await page.evaluate(() => {
    const identity = JSON.parse(sessionStorage.getItem('spinbay.identity') ?? '{}');
    sessionStorage.setItem('spinbay.identity', JSON.stringify({ ...identity, until: Date.now() + 240_000 }));
  });
  await page.reload();
  await page.route('**/images/*/publish', (route) =>
    route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer run.out.token' } }),
  );
  await page.getByTestId('spin-frame').getByRole('button', { name: 'Publish 60°' }).click();
  const expired = page.getByRole('dialog', { name: 'Your sign-in has expired' });
  await expired.waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.unroute('**/images/*/publish');
  const opened = page.context().waitForEvent('page');
  await expired.getByRole('link', { name: 'Sign in in a new tab' }).click();
  const tab = await opened;
  await eventually(async () => tab.isClosed()).toBe(true);
  await expired.waitFor({ state: 'detached' });
  expect(page.url()).toMatch(/view=360&frame=angle_60$/);
  await eventually(() => angleShown(page)).toBe('60');
  await page.getByTestId('spin-frame').getByRole('button', { name: 'Publish 60°' }).click();
  await eventually(() => statusAt(60)).toBe('published');
});

test('a clock that is three hours ahead changes nothing', async () => {
  const { page, faults } = await openSession({
    before: (opened) =>
      opened.addInitScript(() => {
        const RealDate = Date;
        const ahead = 3 * 3600 * 1000;
        class AheadDate extends RealDate {
          constructor(...given: [number]) {
            super(...((given.length > 0 ? given : [RealDate.now() + ahead]) as [number]));
          }
          static override now() {
            return RealDate.now() + ahead;
          }
        }
        globalThis.Date = AheadDate as DateConstructor;
      }),
  });
  await publishAt(page, 0).click();
  await eventually(() => statusAt(0)).toBe('published');
  await tile(page, 0).locator('button[data-frame]').click();
  await page.getByTestId('timeline').getByText('Published').waitFor();
  expect(await page.getByTestId('timeline').innerText()).not.toMatch(/-\d|NaN/);
  expect(faults).toEqual([]);
});

/** Sends another photo of the angle, with other bytes. */
async function retake(angle_deg: number): Promise<void> {
  const name = `angle_${String(angle_deg).padStart(3, '0')}.jpg`;
  const photo = await readFile(join(review().place.dataDir, '..', 'spin', name));
  const bytes = await sharp(photo).jpeg({ quality: 80 }).toBuffer();
  const reply = await call('POST', '/presign', {
    ...{ session_id: review().id, file_name: name, content_type: 'image/jpeg', angle_deg },
    ...{ content_sha256: createHash('sha256').update(bytes).digest('hex'), content_length: bytes.length },
  });
  const { upload_url, headers } = (await reply.json()) as { upload_url: string; headers: Record<string, string> };
  expect((await fetch(upload_url, { method: 'PUT', body: bytes, headers })).ok).toBe(true);
}

// The last test of the file, because the session keeps the other photo.
test('a retake of a published frame waits, replaces it when it is published, and the older one can be published again', async () => {
  expect((await call('POST', `/sessions/${review().id}/publish`)).ok).toBe(true);
  const { page, faults } = await openSession();
  await tile(page, 0).getByTestId('published-badge').waitFor();
  await retake(0);
  await tile(page, 0).getByTestId('replacement-waiting').waitFor();
  await page.getByRole('button', { name: 'Show 1 other take' }).click();
  const takes = page.getByRole('region', { name: 'Other takes' }).getByTestId('frame');
  expect(await takes.count()).toBe(1);
  await takes.getByTestId('published-badge').waitFor();
  // The older frame opens large, and its address opens it again.
  await takes.locator('button[data-frame]').click();
  await page.getByRole('dialog').waitFor();
  await page.waitForURL(/frame=[0-9a-f-]{36}$/);
  await page.reload();
  await page.getByRole('dialog').waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.keyboard.press('Escape');

  await tile(page, 0).getByRole('button', { name: 'Publish 0° instead of the published frame' }).click();
  await page.getByTestId('done').getByText('0° is published instead of the previous frame').waitFor();
  await takes.getByRole('button', { name: 'Publish 0° instead of the published frame' }).click();
  await takes.getByTestId('published-badge').waitFor();
  await tile(page, 0).getByTestId('replacement-waiting').waitFor();
  expect(faults).toEqual([]);
});

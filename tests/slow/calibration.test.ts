import { FrameDrawer } from '@spinbay/sample-spin';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser, signIn } from '../e2e/support/browser.ts';
import { type Installation, makePlace, type Place, start } from '../e2e/support/installation.ts';

let place: Place;
let installation: Installation;
let browser: Browser;
let database: pg.Client;
let thumb: Buffer;

beforeAll(async () => {
  place = await makePlace();
  [installation, browser] = await Promise.all([start(place), openBrowser()]);
  database = new pg.Client({ connectionString: installation.endpoints.database });
  await database.connect();
  const { data } = await new FrameDrawer(150, 150, 1).draw(40, false);
  thumb = await sharp(data, { raw: { width: 150, height: 150, channels: 3 } })
    .jpeg()
    .toBuffer();
  await writeFrames();
});
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
afterAll(async () => {
  await database?.end();
  await browser?.close();
  await installation?.stop();
  await place?.remove();
});

const frameCount = 500;

/**
 * Writes frames of the demo dealer, 25 spins of 20, with made-up edges from 1.5 to 3.48 px. They have no photos:
 * `showPictures` answers with a drawn picture.
 */
async function writeFrames(): Promise<void> {
  const { demo } = installation.endpoints;
  const qc = {
    sharpness: {
      score: 500,
      score_1000: 400,
      edges: { width: 2, widths: [2, 2, 2, 2], count: 900, long_side: 1600, motion_deg: null },
      status: 'pass',
    },
    exposure: {
      ...{ status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 90 },
      centre: { red: 90, green: 90, blue: 90, luma: 90, clipped_white: 0, clipped_black: 0 },
    },
    size: { status: 'pass', width: 4032, height: 3024 },
  };
  // The connection has the role of the API, so row-level security applies.
  await database.query(`select set_config('app.org_id', $1, false)`, [demo.org_id]);
  await database.query(
    `with spins as (select n, uuidv7() as session, uuidv7() as vehicle from generate_series(1, $4::int / 20) n offset 0),
      vehicles as (insert into vehicles (org_id, id, site_id, stock) select $1, vehicle, $2, 'QC-' || n from spins),
      made as (insert into sessions (org_id, id, site_id, vehicle_id, user_id, mode, status, shot_list, completed_at)
        select $1, session, $2, vehicle, (select id from users where org_id = $1 order by email limit 1), 'studio360', 'completed',
          '{"studio360": {"frame_count": 20}}', now() from spins returning id, vehicle_id)
    insert into images (org_id, id, site_id, session_id, vehicle_id, angle_deg, status, storage_key, thumb_keys, qc, qc_version,
      width, height, processed_at)
    select $1, uuidv7(), $2, made.id, made.vehicle_id, k * 18, 'processed', 'org/' || made.id || '/' || k || '.jpg',
      jsonb_build_object('150', 'drawn-' || k, '600', 'drawn-' || k, '1200', 'drawn-' || k),
      jsonb_set(jsonb_set($3::jsonb, '{sharpness,edges,width}', to_jsonb(1.5 + (place % 100) * 0.02)),
        '{sharpness,score}', to_jsonb(20 + (place * 37) % 900)),
      1, 4032, 3024, now() - place * interval '1 second'
    from (select *, row_number() over (order by id) as spin from made) made, generate_series(0, 19) k,
      lateral (select (made.spin - 1) * 20 + k as place) p`,
    [demo.org_id, demo.site_ids[0], JSON.stringify(qc), frameCount],
  );
}

/** Answers each request for a thumbnail with the picture of the drawn car. */
async function showPictures(page: Page): Promise<void> {
  await page.route(/\/drawn-\d+/, (route) => route.fulfill({ contentType: 'image/jpeg', body: thumb }));
}

interface Look {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

async function openCalibration({ colorScheme = 'light', width = 1280 }: Look = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  await showPictures(page);
  await signIn(page, installation.endpoints, 'admin@demo.test');
  await page.goto(`${installation.endpoints.portal}/admin?tab=quality`);
  await page.getByTestId('profile-counts').waitFor();
  return page;
}

const slider = (page: Page) => page.getByRole('slider', { name: 'Edges wider than this are rejected' });
/** How many frames a profile calls good, warned and rejected. */
const countsOf = async (page: Page, profile: string) =>
  (await page.getByTestId(`profile-${profile}`).getByRole('button').allInnerTexts()).map(Number.parseFloat);
const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);

test('an administrator tries the rules on 500 frames by keyboard, sees the pictures beside the limit, what would change, and applies the choice', async () => {
  const page = await openCalibration();
  for (const profile of ['v1', 'v2', 'v3']) expect(sum(await countsOf(page, profile))).toBe(frameCount);
  const v3 = page.getByRole('radio', { name: /^v3: width of edges/ });
  await v3.focus();
  await page.keyboard.press('Space');
  expect(await v3.isChecked()).toBe(true);

  const before = await countsOf(page, 'v3');
  await slider(page).focus();
  for (let n = 0; n < 8; n++) await page.keyboard.press('ArrowLeft');
  expect(await slider(page).inputValue()).toBe('2.4');
  const rejected = (await countsOf(page, 'v3'))[2] ?? 0;
  expect(rejected).toBeGreaterThan(before[2] ?? 0);
  expect(await slider(page).getAttribute('aria-valuetext')).toBe(`2.40 px: rejects ${rejected} of 500 frames`);
  const figuresOf = (title: string) => page.getByRole('list', { name: title }).getByTestId('qc-frame').allInnerTexts();
  // There are 100 widths in steps of 0.02 px, with five frames each.
  expect(await figuresOf('Just sharp enough')).toEqual([...Array.from({ length: 5 }, () => '2.40 px'), '2.38 px']);
  expect(await figuresOf('Just not sharp enough')).toEqual([...Array.from({ length: 5 }, () => '2.42 px'), '2.44 px']);
  const rejectedButton = page.getByRole('button', { name: `${rejected} rejected by v3: show these frames` });
  await rejectedButton.click();
  await page.getByText(`${rejected} frames: rejected by v3`).waitFor();
  expect(await page.getByTestId('shown-frames').getByTestId('qc-frame').count()).toBe(24);
  await rejectedButton.click();
  await page.getByTestId('shown-frames').waitFor({ state: 'detached' });

  // The kinds of change add up to the number before them, and each shows its frames.
  const would = Number.parseFloat(await page.getByTestId('would-change').innerText());
  const kinds = page.getByRole('button', { name: / become / });
  expect(sum((await kinds.allInnerTexts()).map(Number.parseFloat))).toBe(would);
  const becomes = page.getByRole('button', { name: /^\d+ good become rejected$/ });
  const count = Number.parseFloat(await becomes.innerText());
  await becomes.click();
  await page.getByText(`${count} frames: good now, rejected with this choice`).waitFor();

  await page.getByRole('button', { name: 'For new frames only' }).click();
  await page.getByTestId('notice').getByText('New frames are judged by this choice.').waitFor();
  await page.getByTestId('would-change').getByText('New frames are already judged by this choice.').waitFor();
  const { rows } = await database.query(`select qc_profile, qc_edge_width_fail from organizations where id = $1`, [
    installation.endpoints.demo.org_id,
  ]);
  expect(rows).toEqual([{ qc_profile: 'v3', qc_edge_width_fail: 2.4 }]);
  const versions = () => database.query('select qc_version, count(*)::int as n from images group by 1');
  expect((await versions()).rows).toEqual([{ qc_version: 1, n: frameCount }]);

  await page.getByRole('button', { name: 'For all frames' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Judge all frames' }).click();
  await page.getByText(/^All 500 frames were judged again; \d+ changed their verdict\.$/).waitFor({ timeout: 60_000 });
  expect((await versions()).rows).toEqual([{ qc_version: 3, n: frameCount }]);

  // What the worker stores when it gives up.
  await database.query('update qc_rejudgements set failures = 8, gave_up = true, done = 20');
  await page.reload();
  await page.getByText('Judging frames again failed after 20 of 500 frames.', { exact: false }).waitFor();
});

test('the limit reaches every value that the server accepts: a release at the end of the scale widens it', async () => {
  const page = await openCalibration();
  await page.getByRole('radio', { name: /^v3: width of edges/ }).check();
  await slider(page).focus();
  for (const width of [4, 5, 6, 7, 8, 9, 10, 10]) {
    await page.keyboard.press('End');
    expect(await slider(page).inputValue()).toBe(String(width));
  }
});

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
  ['dark', 390],
] as const)(
  'the page of 500 frames has no accessibility fault and fits the screen (%s, %i px)',
  async (colorScheme, width) => {
    const page = await openCalibration({ colorScheme, width });
    await page.getByRole('radio', { name: /^v3: width of edges/ }).check();
    await slider(page).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  },
);

test('an organization without frames is told what the page will show', async () => {
  const page = await browser.newPage();
  await signIn(page, installation.endpoints, 'admin@other.test');
  await page.goto(`${installation.endpoints.portal}/admin?tab=quality`);
  await page.getByRole('heading', { name: 'No frames yet' }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
});

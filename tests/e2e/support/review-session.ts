import { join } from 'node:path';
import pg from 'pg';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { openBrowser, signIn } from './browser.ts';
import { type Installation, makePlace, type Place, spinbay, start } from './installation.ts';
import { sampleSpin } from './sample-spin.ts';

/** Of 24 frames, counted from 1, five are missing and three are blurred, so they fail. The other 16 are good. */
export const missing = [3, 4, 11, 12, 24];
const blurred = [7, 15, 20];
export const failedAngles = [90, 210, 285];

interface Opening extends BrowserContextOptions {
  readonly email?: string;
  readonly search?: string;
  readonly before?: (page: Page) => Promise<unknown>;
}

export interface ReviewSession {
  readonly place: Place;
  readonly browser: Browser;
  readonly installation: Installation;
  /** Id of the session. */
  readonly id: string;
}

let made: ReviewSession | undefined;
const tokens = new Map<string, string>();

/** An installation with one session of 19 frames. None is published at the start of a test. */
export function reviewSession(): () => ReviewSession {
  // Everything that starts is recorded immediately, so that it is stopped if a later step fails or takes too long.
  let place: Place | undefined;
  let installation: Installation | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    place = await makePlace();
    const spin = join(place.dataDir, '..', 'spin');
    const starting = start(place).then((started) => {
      installation = started;
    });
    await Promise.all([starting, sampleSpin(spin, { size: 'large', blur: blurred, missing })]);
    browser = await openBrowser();
    const { stdout, stderr } = await spinbay(place, 'ingest', spin, '--stock', '<b>R&"1</b>', '--json');
    if (stdout === '') throw new Error(`nothing was sent: ${stderr}`);
    if (installation) {
      const { session_id: id } = JSON.parse(stdout) as { session_id: string };
      made = { place, browser, installation, id };
    }
  }, 600_000);
  beforeEach(async () => {
    await call('POST', `/sessions/${current().id}/unpublish`);
    await warn([]);
  });
  // Open pages keep polling and slow down later tests.
  afterEach(() => Promise.all(made?.browser.contexts().map((context) => context.close()) ?? []));
  afterAll(async () => {
    await browser?.close();
    await installation?.stop();
    await place?.remove();
  });
  return current;
}

function current(): ReviewSession {
  if (!made) throw new Error('there is no session yet');
  return made;
}

export async function call(
  method: string,
  path: string,
  body?: object,
  email = 'reviewer@demo.test',
): Promise<Response> {
  const { place, installation } = current();
  const token = tokens.get(email) ?? (await spinbay(place, 'token', '--user', email)).stdout.trim();
  tokens.set(email, token);
  return fetch(installation.endpoints.api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

export async function images(): Promise<{ id: string; status: string; angle_deg: number; override: boolean }[]> {
  return (await (await call('GET', `/images?session_id=${current().id}`)).json()).items;
}

/** Gives a warning to the frames at these angles only. Drawn cars never have one: they are either sharp or blurred. */
export function warn(angles: readonly number[]): Promise<void> {
  return change(
    `update images set qc = jsonb_set(qc, '{sharpness,status}', case when angle_deg = any($2) then '"warn"' else '"pass"' end::jsonb)
      where session_id = $1 and qc -> 'sharpness' ->> 'status' <> 'fail'`,
    [angles],
  );
}

/** Makes the session and its frames older. */
export async function ageSession(minutes: number): Promise<void> {
  const earlier = (column: string) => `${column} = ${column} - make_interval(mins => $2)`;
  const columns = ['captured_at', 'created_at', 'processed_at'];
  await change(`update images set ${columns.map(earlier)} where session_id = $1`, [minutes]);
  await change(`update uploads set ${['stored_at', 'processed_at'].map(earlier)} where session_id = $1`, [minutes]);
  await change(`update sessions set ${['started_at', 'created_at'].map(earlier)} where id = $1`, [minutes]);
}

/** Runs a statement about the session, whose id is `$1`. */
async function change(statement: string, values: readonly unknown[]): Promise<void> {
  const { installation, id } = current();
  const client = new pg.Client({ connectionString: installation.endpoints.database });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('app.org_id', $1, true)`, [installation.endpoints.demo.org_id]);
    await client.query(statement, [id, ...values]);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

export async function statusOfSession(): Promise<string> {
  return (await (await call('GET', `/sessions/${current().id}`)).json()).status;
}

export async function statusAt(angle: number): Promise<string | undefined> {
  return (await images()).find((image) => image.angle_deg === angle)?.status;
}

/** A page of the session, signed in. */
export async function openSession(options: Opening = {}): Promise<{ page: Page; faults: string[] }> {
  const { email = 'reviewer@demo.test', search = '', before, ...context } = options;
  const { browser, installation, id } = current();
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context })).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await before?.(page);
  await signIn(page, installation.endpoints, email);
  await page.getByRole('link', { name: /R&"1/ }).click();
  await page.getByTestId('frame').first().waitFor();
  if (search) {
    await page.goto(`${installation.endpoints.portal}/sessions/${id}${search}`);
    await page
      .getByTestId(search.includes('view=360') ? 'viewer' : 'frame')
      .first()
      .waitFor();
  }
  return { page, faults };
}

/** A long timeout, for machines that are busy with other tests. */
export const eventually = <T>(probe: () => T): ReturnType<typeof expect.poll<T>> =>
  expect.poll(probe, { timeout: 30_000 });

export const tile = (page: Page, angle: number): Locator =>
  page.locator(`[data-testid=frame][data-slot=angle_${angle}]`);
export const publishAt = (page: Page, angle: number) => tile(page, angle).getByTestId('publish');
export const angleShown = (page: Page) => page.getByRole('slider', { name: '360° view' }).getAttribute('aria-valuenow');

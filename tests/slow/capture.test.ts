import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureQuality } from '@spinbay/imaging/kernels';
import pg from 'pg';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser, signIn } from '../e2e/support/browser.ts';
import { filmOf } from '../e2e/support/fake-camera.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { spinAngles as angles, Phone } from '../e2e/support/phone.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';
import { secretsOf } from '../e2e/support/secrets.ts';

interface Frame {
  readonly id: string;
  readonly angle_deg: number | null;
  readonly shot_name: string | null;
  readonly status: string;
  readonly qc: { readonly sharpness?: { readonly score: number } } | null;
  readonly captured_at: string | null;
  /** The upload that the frame shows: `preview`, which is sent first, or `original`. */
  readonly shown_upload: string | null;
  readonly exif: { readonly taken_at: string | null; readonly orientation: number | null } | null;
}

let place: Place;
let installation: Installation;
let folder: string;
let film: string;
let token: string;
let phone: Phone | undefined;

beforeAll(async () => {
  place = await makePlace();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-capture-'));
  film = join(folder, 'film.y4m');
  const spin = join(folder, 'spin');
  installation = await start(place);
  await sampleSpin(spin, { size: 'large' });
  // Each angle is shown for two seconds, as on a turntable that is turned by hand.
  await filmOf(spin, film, { framesPerSecond: 1, order: angles.flatMap((_, k) => [k, k]) });
  token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
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

async function api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(installation.endpoints.api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  return (await response.json()) as Record<string, unknown>;
}

/** The frames of the vehicle's only session, with the session's state. */
async function onServer(stock: string): Promise<{ status: string; frames: Frame[] }> {
  const { items } = (await api('GET', `/sessions?q=${stock}`)) as { items: { id: string; status: string }[] };
  const [session, ...others] = items;
  if (session === undefined) return { status: 'none', frames: [] };
  expect(others).toEqual([]);
  const { items: frames } = (await api('GET', `/images?session_id=${session.id}&superseded=true`)) as {
    items: Frame[];
  };
  return { status: session.status, frames };
}

interface ReportedEvent {
  readonly type: string;
  readonly entity_id: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Events that the apps reported, from the database, because the audit log leaves them out. */
async function reported(pattern: string): Promise<ReportedEvent[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(new URL(installation.endpoints.database).port),
    user: 'postgres',
    password: secretsOf(place).postgresPassword,
    database: 'spinbay',
  });
  await client.connect();
  const { rows } = await client.query<ReportedEvent>(
    'select type, entity_id, meta from events where reported and type like $1 order by occurred_at',
    [pattern],
  );
  await client.end();
  return rows;
}

/** Variance of the Laplacian of a picture, computed as in the worker. */
async function laplacianOf(file: string): Promise<number> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  return measureQuality({ data, width: info.width, height: info.height }).sharpness;
}

/** Waits until the session is complete on the server and has each angle once. */
async function expectWholeSpin(stock: string): Promise<Frame[]> {
  const state = async () => {
    const { status, frames } = await onServer(stock);
    return [status, ...frames.map((frame) => `${frame.angle_deg} ${frame.status} ${frame.shown_upload}`)];
  };
  const whole = angles.map((angle) => `${angle} processed original`);
  await expect.poll(state, { timeout: 90_000 }).toEqual(['completed', ...whole]);
  return (await onServer(stock)).frames;
}

/** Checks that a reviewer on another screen sees every frame with its picture and its badge. */
async function expectInPortal(stock: string): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await signIn(page, installation.endpoints, 'reviewer@demo.test');
    await page.getByRole('link', { name: new RegExp(stock) }).click();
    await expect.poll(() => page.getByTestId('qc-badge').count()).toBe(24);
    expect(await page.locator('[data-testid=frame][data-status=processed]').count()).toBe(24);
  } finally {
    await browser.close();
  }
}

async function takeUp(profile: string, withFilm: string | null = film): Promise<Phone> {
  const { capture } = installation.endpoints;
  phone = await Phone.takeUp({ profile: join(folder, profile), film: withFilm, capture });
  return phone;
}

async function expectAccessible(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await accessibilityFaults(page), `${screen}, ${colorScheme}`).toEqual([]);
  }
}

test('an operator enrols with a code, shoots 24 frames, reviews and finishes them: the server has all, measured', async () => {
  await api('PATCH', '/organization', { enrolment: 'code' });
  const { code } = (await api('POST', '/enrolment-codes', { label: 'Phone of studio 1', all_sites: true })) as {
    code: string;
  };
  const operator = await takeUp('by-code');
  const { page, faults } = operator;
  await page.getByTestId('enrol').click();
  await expect.poll(() => page.getByTestId('enrol-fault').innerText()).toContain('enrols devices by code');
  await page.getByTestId('code').fill('K7QF-3M9X-TR2');
  await page.getByTestId('enrol').click();
  await expect.poll(() => page.getByTestId('enrol-fault').innerText()).toContain('12 letters and digits');
  await expectAccessible(page, 'enrol');
  await page.getByTestId('code').fill(code.toLowerCase());
  await page.getByTestId('enrol').click();
  await page.getByRole('radio', { name: 'Studio North' }).waitFor();
  await api('PATCH', '/organization', { enrolment: 'open' });

  await page.getByTestId('create').click();
  await expect.poll(() => page.getByRole('alert').innerText()).toContain('Type a stock number or a VIN');
  await page.getByTestId('vin').fill('1HGCM82633A004353');
  await expect.poll(() => page.getByText('The 9th character').innerText()).toContain('require 5');
  await page.getByTestId('vin').fill('');
  await expectAccessible(page, 'session setup');
  await operator.startSpin('code-1');
  await operator.shootUntil(0, 12);
  await expectAccessible(page, 'capture');
  await page.getByTestId('options').click();
  await expectAccessible(page, 'options of capture');
  expect(await page.getByRole('dialog').innerText()).toContain('Exposure: not supported on this phone');
  // The key of a remote takes no photo while the options cover the camera.
  await page.keyboard.press('PageDown');
  await page.getByTestId('close-options').click();
  expect(await page.getByTestId('angle').innerText()).toBe('180°');
  await operator.shootUntil(12, 24, () => page.keyboard.press('Space'));
  await page.getByTestId('done').click();

  await page.getByTestId('complete').waitFor();
  await page.locator('spinbay-viewer').getByText('1 of 24').first().waitFor();
  await expectAccessible(page, 'review');
  await page.getByTestId('finish').click();
  await page.getByTestId('create').waitFor();
  const frames = await expectWholeSpin('CODE-1');
  expect(frames.every(({ qc, exif }) => qc !== null && exif?.taken_at !== null && exif?.orientation === 1)).toBe(true);
  const times = frames.map(({ captured_at }) => captured_at ?? '');
  expect(times).toEqual([...times].sort());
  expect(new Set(times).size).toBe(24);

  await page.getByTestId('queue-button').click();
  await expect
    .poll(() => page.getByTestId('queue-photo').allInnerTexts())
    .toEqual(angles.map((angle) => expect.stringMatching(new RegExp(`^${angle}°\\s+on the server$`))));
  await expectAccessible(page, 'queue');
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Settings' }).click();
  await expectAccessible(page, 'settings');
  await page.getByRole('radio', { name: 'Deutsch' }).click();
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  expect(faults).toEqual([]);
});

test('without a network the app opens and shoots a spin whenever the turntable stops; the spin arrives complete later', async () => {
  const operator = await takeUp('offline');
  const { page } = operator;
  const { enrol_url } = (await api('POST', '/enrolment-codes', { all_sites: true })) as { enrol_url: string };
  await page.goto(enrol_url);
  await page.getByRole('radio', { name: 'Studio North' }).waitFor();
  expect(page.url()).not.toContain('code');
  await operator.waitUntilKept();
  await operator.context.setOffline(true);
  await page.goto('about:blank');
  await page.goto(installation.endpoints.capture);
  await operator.startSpin('offline-1');
  await page.getByTestId('options').click();
  await page.getByRole('radio', { name: 'When the turntable stops' }).click();
  await page.getByTestId('close-options').click();
  const stored = async () => Number((await operator.safe()).split('/')[0]);
  await expect.poll(stored, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
  await page.getByTestId('options').click();
  await page.getByRole('radio', { name: 'Off' }).first().click();
  await page.getByTestId('close-options').click();
  // The last automatic photo may not be stored yet.
  await expect
    .poll(
      async () => angles.indexOf(Number.parseInt(await page.getByTestId('angle').innerText(), 10)) - (await stored()),
    )
    .toBe(0);
  await operator.shootUntil(await stored(), 24);

  // Retakes the last one: a photo that was not sent yet is withdrawn and replaced.
  await page.getByTestId('dial').click({ position: { x: 124, y: 66 } });
  expect(await page.getByTestId('angle').innerText()).toBe('90°');
  await page.getByTestId('dial').click({ position: { x: 66, y: 8 } });
  await page.getByRole('button', { name: 'Previous angle' }).click();
  expect(await page.getByTestId('angle').innerText()).toBe('345°');
  await page.getByTestId('undo').click();
  await page.getByTestId('undone').waitFor();
  expect(await operator.safe()).toBe('23/24');
  await page.getByTestId('shutter').click();
  await page.getByTestId('done').click();
  await page.getByTestId('complete').waitFor();
  await page.getByTestId('finish').click();
  await page.getByTestId('create').waitFor();
  await page.getByTestId('queue-button').click();
  await page.getByTestId('queue-offline').waitFor();
  expect(await page.getByTestId('queue-photo').count()).toBe(24);
  expect((await onServer('OFFLINE-1')).status).toBe('none');
  await operator.context.setOffline(false);
  await expectWholeSpin('OFFLINE-1');
  await expectInPortal('OFFLINE-1');
  // The page may end before it has recorded the loss of the network. Its next start then reports it.
  await expect
    .poll(async () => (await reported('app.%')).map(({ type }) => type), { timeout: 90_000 })
    .toEqual(expect.arrayContaining(['app.started', 'app.online']));
});

test('after the browser is killed in the middle of a spin, the spin continues where it was, and every frame arrives once', async () => {
  const first = await takeUp('killed');
  await first.enrolWithOneTap();
  await first.startSpin('killed-1');
  await first.shootUntil(0, 9);
  await first.kill();
  const second = await takeUp('killed');
  await second.continueSession();
  await second.page.locator('video').waitFor();
  await second.shootUntil(9, 24);
  await second.kill();
  const last = await takeUp('killed');
  await last.continueSession();
  await last.finish();
  await expectWholeSpin('KILLED-1');
});

test('a refused camera gives an explanation; stills are shot from the checklist, and the required ones suffice', async () => {
  const refused = await takeUp('stills', null);
  await refused.enrolWithOneTap();
  await refused.page.getByTestId('stock').fill('stills-1');
  await refused.page.getByRole('radio', { name: 'Stills' }).click();
  await refused.page.getByTestId('create').click();
  await expect
    .poll(() => refused.page.getByTestId('camera-fault').innerText())
    .toContain('No permission for the camera');
  await expectAccessible(refused.page, 'refused camera');
  await phone?.close();

  const { page } = await takeUp('stills');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('video').waitFor();
  const shots = await page
    .locator('[data-testid^=shot-]')
    .evaluateAll((all) =>
      all.filter((shot) => shot.hasAttribute('aria-label')).map((shot) => shot.getAttribute('aria-label') ?? ''),
    );
  const required = shots.filter((shot) => !shot.includes('optional'));
  expect([shots.length, required.length]).toEqual([16, 12]);
  await expectAccessible(page, 'stills');
  await page.getByRole('button', { name: /^Dashboard/ }).click();
  await expect.poll(() => page.getByTestId('shot-name').innerText()).toContain('Dashboard');
  await page.getByRole('button', { name: /^Front,/ }).click();
  for (let taken = 1; taken <= required.length; taken++) {
    expect(await page.getByTestId('done').getAttribute('aria-disabled')).toBe('true');
    await page.getByTestId('shutter').click();
    await expect.poll(() => page.getByTestId('shot-name').innerText()).toContain(`${taken}/16`);
  }
  await page.getByTestId('done').click();
  await page.getByTestId('finish').click();
  await page.getByTestId('create').waitFor();
  const names = async () =>
    (await onServer('STILLS-1')).frames.map(({ shot_name, status }) => `${shot_name} ${status}`);
  await expect
    .poll(async () => (await names()).filter((name) => name.endsWith(' processed')).length, { timeout: 60_000 })
    .toBe(12);
  const labels = (await names()).map((name) => name.replaceAll('_', ' ').replace(' processed', ''));
  expect(labels.sort()).toEqual(required.map((shot) => shot.toLowerCase().split(',')[0]?.replace(' side', '')).sort());
});

test('a shot list of the organization is chosen and shot without a network, and a later change does not affect the session', async () => {
  const ladder = { name: 'leiter_aussen', label: 'Leiter außen', required: true };
  const shots = [ladder, { name: 'front', required: true }, { name: 'boot', required: false }];
  const list = await api('POST', '/shot-lists', { name: 'Vans', shots });
  const operator = await takeUp('own-list');
  const { page } = operator;
  await operator.enrolWithOneTap();
  await page.getByRole('radio', { name: 'Stills' }).click();
  await page.getByRole('radio', { name: 'Vans' }).waitFor();
  await expectAccessible(page, 'shot lists');
  await operator.waitUntilKept();
  await operator.context.setOffline(true);
  await page.goto('about:blank');
  await page.goto(installation.endpoints.capture);
  await page.getByRole('radio', { name: 'Stills' }).click();
  await page.getByRole('radio', { name: 'Vans' }).click();
  await page.getByText('2 required, 1 optional').waitFor();
  await page.getByText('Leiter außen, Front, Boot').waitFor();
  await page.getByTestId('stock').fill('own-list-1');
  await page.getByTestId('create').click();
  await page.locator('video').waitFor();
  await api('PUT', `/shot-lists/${list.id}`, { name: 'Vans', shots: [{ name: 'roof' }], version: list.version });

  const name = () => page.getByTestId('shot-name').innerText();
  await expect.poll(name).toBe('Leiter außen · 0/3');
  await page.getByRole('button', { name: /^Front,/ }).click();
  await expect.poll(name).toBe('Front · 0/3');
  for (const taken of [1, 2]) {
    expect(await page.getByTestId('done').getAttribute('aria-disabled')).toBe('true');
    await page.getByTestId('shutter').click();
    await expect.poll(name).toContain(`${taken}/3`);
    if (taken === 1) await page.getByRole('button', { name: /^Leiter außen, not taken/ }).click();
  }
  await page.getByTestId('done').click();
  await page.getByTestId('finish').click();
  await page.getByTestId('create').waitFor();
  await operator.context.setOffline(false);
  const names = async () =>
    (await onServer('OWN-LIST-1')).frames.map((frame) => `${frame.shot_name} ${frame.status}`).sort();
  await expect.poll(names, { timeout: 60_000 }).toEqual(['front processed', 'leiter_aussen processed']);
  const { items } = (await api('GET', '/sessions?q=OWN-LIST-1')) as { items: { shot_list: object }[] };
  expect(items.map(({ shot_list }) => shot_list)).toEqual([{ stills: shots }]);
  // The device offers the changed list for the next session.
  await page.getByRole('radio', { name: 'Stills' }).click();
  await page.getByText('1 required, 0 optional').waitFor();
});

test('with bursts on, a photo is the sharpest of three frames, and its event has the scores of all', async () => {
  const pictures = join(folder, 'shaken');
  await mkdir(pictures);
  const scene = sharp(join(folder, 'spin', (await readdir(join(folder, 'spin'))).sort()[0] ?? ''));
  await scene.clone().toFile(join(pictures, 'a-still.jpg'));
  await scene.clone().blur(6).toFile(join(pictures, 'b-shaken.jpg'));
  const shaking = join(folder, 'shaking.y4m');
  await filmOf(pictures, shaking, { framesPerSecond: 15 });

  const operator = await takeUp('burst', shaking);
  const { page } = operator;
  await operator.enrolWithOneTap();
  await page.getByRole('button', { name: 'Settings' }).click();
  const choice = page.getByRole('radiogroup', { name: 'Keep the sharpest of several shots' });
  await choice.getByRole('radio', { name: 'On' }).click();
  await page.getByRole('button', { name: 'Back' }).click();
  await operator.startSpin('burst-1');
  for (let k = 1; k <= 6; k++) {
    await page.getByTestId('shutter').click();
    await expect.poll(() => operator.safe()).toBe(`${k}/24`);
    await page.getByText(/Kept shot [123] of 3, the sharpest/).waitFor();
  }

  const bursts = async () =>
    (await reported('capture.shutter')).filter(({ meta }) => meta.burst_edge_widths !== undefined);
  await expect.poll(async () => (await bursts()).length, { timeout: 90_000 }).toBe(6);
  const sharpest: string[] = [];
  for (const { entity_id, meta } of await bursts()) {
    const widths = meta.burst_edge_widths as (number | null)[];
    expect(widths).toHaveLength(3);
    // A frame that the camera delivers while it opens may have no edges.
    const measured = widths.filter((width) => width !== null);
    expect(widths[(meta.burst_taken as number) - 1]).toBe(Math.min(...measured));
    // The camera may repeat a frame, so a burst may contain only the blurred picture.
    if (Math.min(...measured) < 0.7 * Math.max(...measured)) sharpest.push(entity_id);
  }
  expect(sharpest.length).toBeGreaterThan(0);
  const scores = async () => {
    const { frames } = await onServer('BURST-1');
    return frames.filter(({ id }) => sharpest.includes(id)).map(({ qc }) => qc?.sharpness?.score ?? 0);
  };
  const shaken = await laplacianOf(join(pictures, 'b-shaken.jpg'));
  await expect.poll(async () => (await scores()).every((score) => score > 3 * shaken), { timeout: 60_000 }).toBe(true);
});

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { encode } from 'uqr';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accessibilityFaults, openBrowser, signIn, whenStill } from '../e2e/support/browser.ts';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';

let place: Place;
let installation: Installation;
let browser: Browser;

const admin = 'admin@demo.test';
const hostile = '<img src=x onerror="window.ran=1"> & Söhne';

beforeAll(async () => {
  place = await makePlace();
  [installation, browser] = await Promise.all([start(place), openBrowser()]);
});
// Open pages keep polling and slow down later tests.
afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
afterAll(async () => {
  await browser?.close();
  await installation?.stop();
  await place?.remove();
});

async function newPage(options: { colorScheme?: 'light' | 'dark'; context?: BrowserContext } = {}): Promise<Page> {
  const { context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options }) } = options;
  return context.newPage();
}

async function openTab(page: Page, tab: string): Promise<void> {
  await page.goto(`${installation.endpoints.portal}/admin?tab=${tab}`);
  await page.locator('[data-testid=line],[data-testid=event]').first().waitFor();
}

/** The reply of the API to a POST that the page sends during `act`. */
async function replyTo<Body>(page: Page, path: string, act: () => Promise<void>): Promise<Body> {
  const reply = page.waitForResponse((r) => new URL(r.url()).pathname === path && r.request().method() === 'POST');
  await act();
  return (await reply).json() as Promise<Body>;
}

function callAs(token: string, path: string): Promise<Response> {
  return fetch(`${installation.endpoints.api}${path}`, { headers: { authorization: `Bearer ${token}` } });
}

/** Enrols like the capture app. */
async function enrol(code: string, model: string): Promise<{ token: string; device_id: string }> {
  const body = {
    org_id: installation.endpoints.demo.org_id,
    platform: 'ios',
    model,
    app_version: '1.2.0',
    enrolment_code: code,
  };
  const reply = await fetch(`${installation.endpoints.api}/auth/device`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(reply.status).toBe(200);
  return (await reply.json()) as { token: string; device_id: string };
}

/** The modules of a drawn QR code, without the light ones around it. */
async function drawnModules(page: Page): Promise<boolean[][]> {
  const svg = page.getByRole('img', { name: /QR code/ });
  const [side, path] = await svg.evaluate((element): [number, string] => [
    (element as unknown as SVGSVGElement).viewBox.baseVal.width,
    element.querySelector('path')?.getAttribute('d') ?? '',
  ]);
  const around = 4;
  const modules = Array.from({ length: side }, () => Array.from({ length: side }, () => false));
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    modules[Number(y)]?.fill(true, Number(x), Number(x) + Number(run));
  return modules.slice(around, -around).map((row) => row.slice(around, -around));
}

const valuesOf = (fields: Element[]) => fields.map((field) => (field as HTMLInputElement).value);

test('a site is added and renamed, and a name that is in use gives an error beside the field', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('tab', { name: 'Sites', selected: true }).waitFor();
  const add = page.getByRole('button', { name: 'Add a site' });
  await add.click();
  const dialog = page.getByRole('dialog');
  const name = dialog.getByLabel('Name');
  await dialog.getByRole('button', { name: 'Add a site' }).click();
  await dialog.getByText('Fill this in.').waitFor();
  // A second attempt moves the focus to the field again.
  await dialog.getByRole('button', { name: 'Add a site' }).click();
  await expect.poll(() => name.evaluate((field) => field === document.activeElement)).toBe(true);
  await name.fill('Studio North');
  await dialog.getByRole('button', { name: 'Add a site' }).click();
  await dialog.getByText('Another site already has this name.').waitFor();
  expect(await name.evaluate((field) => field === document.activeElement)).toBe(true);
  await name.fill(hostile);
  await dialog.getByRole('button', { name: 'Add a site' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByTestId('line').filter({ hasText: hostile }).waitFor();
  // The focus returns to the button that opened the dialog.
  await expect.poll(() => add.evaluate((button) => button === document.activeElement)).toBe(true);

  await page.getByRole('button', { name: 'Rename Studio South' }).click();
  await dialog.getByLabel('Name').fill('Studio Harbour');
  await page.keyboard.press('Enter');
  await page.getByTestId('notice').getByText('Studio South is now called Studio Harbour.').waitFor();
  await page.getByTestId('notice').getByRole('button', { name: 'Undo' }).click();
  await page.getByTestId('line').filter({ hasText: 'Studio South' }).waitFor();
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
});

test('a shot list is made, changed and deleted with the keyboard, and a change by somebody else is not overwritten', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  await page.goto(`${installation.endpoints.portal}/admin?tab=shots`);
  const dialog = page.getByRole('dialog');
  const notice = page.getByTestId('notice');
  const labels = () => dialog.getByTestId('shot').getByRole('textbox').evaluateAll(valuesOf);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await page.getByRole('button', { name: 'Add a shot list' }).press('Enter');
  await dialog.getByRole('button', { name: 'Add a shot list' }).press('Enter');
  expect(await dialog.getByText('Fill this in.').count()).toBe(2);
  await dialog.getByLabel('Name').fill(hostile);
  await dialog.getByRole('textbox', { name: 'Shot 1' }).focus();
  await page.keyboard.type('Leiter außen');
  await page.keyboard.press('Enter');
  await expect.poll(focused).toBe('Shot 2');
  await page.keyboard.type('Front');
  await dialog.getByRole('checkbox', { name: 'Front is required' }).press('Space');
  await dialog.getByRole('button', { name: 'Move Front up' }).press('Enter');
  expect(await labels()).toEqual(['Front', 'Leiter außen']);
  // The button to move it further is disabled, so the focus is on the shot.
  await expect.poll(focused).toBe('Shot 1');
  await dialog.getByRole('button', { name: 'Add the standard shots' }).press('Enter');
  expect((await labels()).slice(0, 4)).toEqual(['Front', 'Leiter außen', 'Front left', 'Left']);
  await dialog.getByRole('button', { name: 'Remove Front left' }).press('Enter');
  await expect.poll(focused).toBe('Shot 3');
  expect(await accessibilityFaults(page)).toEqual([]);
  const made = await replyTo<{ id: string; name: string; shots: object[]; version: number }>(page, '/shot-lists', () =>
    dialog.getByRole('button', { name: 'Add a shot list' }).press('Enter'),
  );
  expect([made.name, ...made.shots.slice(0, 3)]).toEqual([
    hostile,
    { name: 'front', required: false },
    { name: 'leiter_aussen', label: 'Leiter außen', required: true },
    { name: 'left', required: true },
  ]);
  const line = page.getByTestId('line').filter({ hasText: hostile });
  await line.getByText('11 required, 5 optional').waitFor();

  await page.getByRole('button', { name: `Edit ${hostile}` }).click();
  const token = (await spinbay(place, 'token', '--user', admin)).stdout.trim();
  const changed = await fetch(`${installation.endpoints.api}/shot-lists/${made.id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Vans', shots: [{ name: 'roof' }], version: made.version }),
  });
  expect(changed.status).toBe(200);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').getByText('Somebody else has changed this shot list.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Edit Vans' }).click();
  await expect.poll(labels).toEqual(['Roof']);
  await dialog.getByRole('textbox', { name: 'Shot 1' }).fill('Roof rack');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await notice.getByText('Vans was changed.', { exact: false }).waitFor();

  await page.getByRole('button', { name: 'Delete Vans' }).click();
  await dialog.getByRole('button', { name: 'Delete it' }).click();
  await notice.getByText('Vans was deleted.').waitFor();
  await page.getByText('No shot lists of your own yet').waitFor();
  await openTab(page, 'audit');
  for (const kind of ['Shot list added', 'Shot list changed', 'Shot list deleted'])
    await page.getByTestId('event').filter({ hasText: kind }).first().waitFor();
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);
});

test('a code enrols a device, whose next call after its revocation is refused', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  await page.goto(`${installation.endpoints.portal}/admin?tab=codes`);
  await page.getByText('No codes yet').waitFor();
  const make = page.getByRole('button', { name: 'Make a code' });
  await make.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the device').fill('North phone 1');
  await dialog.getByLabel('Valid for').selectOption({ label: '1 hour' });
  await dialog.getByRole('checkbox', { name: 'Studio North' }).check();
  const made = await replyTo<{ code: string; enrol_url: string }>(page, '/enrolment-codes', () =>
    dialog.getByRole('button', { name: 'Make a code' }).click(),
  );
  const code = await page.getByTestId('enrolment-code').innerText();
  expect(code).toBe(made.code);
  expect(new URLSearchParams(new URL(made.enrol_url).hash.slice(1)).get('code')).toBe(code);
  expect(await drawnModules(page)).toEqual(encode(made.enrol_url, { ecc: 'M', border: 0 }).data);
  expect(await dialog.innerText()).toMatch(/expires in (1 h|59 min)/);

  const device = await enrol(code, 'iPhone 15 Pro');
  expect((await callAs(device.token, '/sites')).status).toBe(200);
  await dialog.getByText('North phone 1 was enrolled with this code.').waitFor();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await page.content()).not.toContain(code);
  await expect.poll(() => make.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.locator('[data-testid=line] [data-state=used]').waitFor();

  await page.getByRole('tab', { name: 'Devices' }).click();
  expect(page.url()).toContain('tab=devices');
  const line = page.getByTestId('line').filter({ hasText: 'iPhone 15 Pro' });
  expect(await line.innerText()).toMatch(
    /North phone 1\s+iPhone 15 Pro[\s\S]*ios 1\.2\.0[\s\S]*Studio North[\s\S]*just now[\s\S]*Active/,
  );
  await line.getByRole('button', { name: 'Edit North phone 1' }).click();
  await dialog.getByLabel('Name').fill('North phone A');
  await dialog.getByRole('checkbox', { name: 'Studio South' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  const renamed = page.getByTestId('line').filter({ hasText: 'North phone A' });
  await renamed.getByText('Studio South').waitFor();

  await renamed.getByRole('button', { name: 'Revoke North phone A' }).click();
  await dialog.getByText('This cannot be undone', { exact: false }).waitFor();
  expect(await dialog.getByRole('button', { name: 'Keep it' }).evaluate((b) => b === document.activeElement)).toBe(
    true,
  );
  await dialog.getByRole('button', { name: 'Revoke permanently' }).click();
  await renamed.locator('[data-state=revoked]').waitFor();
  expect((await callAs(device.token, '/sites')).status).toBe(401);

  await page.getByRole('tab', { name: 'Audit log' }).click();
  const events = page.getByTestId('event');
  await events.first().waitFor();
  expect((await events.evaluateAll((all) => all.map((one) => one.getAttribute('data-type')))).slice(0, 4)).toEqual([
    'device.revoked',
    'device.changed',
    'device.enrolled',
    'enrolment_code.created',
  ]);
  expect(await events.nth(1).innerText()).toMatch(
    /North phone A[\s\S]*by Ada Admin[\s\S]*North phone 1 → North phone A/,
  );
  await page.getByLabel('Type of event').selectOption({ label: 'Device revoked' });
  await expect.poll(() => events.count()).toBe(1);
  expect(page.url()).toContain('kind=device.revoked');
});

test('a revoked code enrols no device', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  await openTab(page, 'codes');
  await page.getByRole('radio', { name: /Anyone with a code/ }).check();
  await page.getByTestId('notice').getByText('New devices now need a code.').waitFor();
  await page.getByRole('button', { name: 'Make a code' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make a code' }).click();
  await dialog.getByText('Choose the sites of the device.').waitFor();
  await dialog.getByRole('checkbox', { name: 'All sites' }).check();
  await dialog.getByRole('button', { name: 'Make a code' }).click();
  const code = await page.getByTestId('enrolment-code').innerText();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: /^Revoke the code/ }).click();
  await page.locator('[data-testid=line] [data-state=revoked]').waitFor();
  const { org_id } = installation.endpoints.demo;
  for (const enrolment_code of [code, undefined]) {
    const reply = await fetch(`${installation.endpoints.api}/auth/device`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ org_id, platform: 'ios', model: 'x', app_version: '1', enrolment_code }),
    });
    expect(reply.status).toBe(403);
  }
  await page.getByRole('radio', { name: /Anyone who knows/ }).check();
  await page.getByTestId('notice').getByText('New devices no longer need a code.').waitFor();
});

test('an administrator sees what is stored beside the limits of the operator, and chooses how long the audit log is kept', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  await page.goto(`${installation.endpoints.portal}/admin?tab=codes`);
  const usage = page.getByTestId('usage');
  await usage.getByText(/^0 GB stored$/).waitFor();
  await usage.getByText('This server sets no limit for your organization.').waitFor();
  const { org_id } = installation.endpoints.demo;
  await spinbay(place, 'org', 'quota', org_id, '--gigabytes', '2', '--sessions-per-day', '0');
  await page.reload();
  await usage.getByRole('progressbar', { name: '0 GB of 2 GB stored' }).waitFor({ state: 'attached' });
  await usage.getByText(/^\d+ of 0 sessions started today/).waitFor();

  await page.goto(`${installation.endpoints.portal}/admin?tab=audit`);
  const notice = page.getByTestId('notice');
  const kept = page.getByRole('combobox', { name: 'Keep the audit log for' });
  await kept.selectOption('2 years');
  await notice.getByText('The audit log is kept for 730 days.').waitFor();
  await page
    .getByText(/Storage limit/)
    .first()
    .waitFor();
  await notice.getByRole('button', { name: 'Undo' }).click();
  await notice.getByText('for the default time of this server').waitFor();
  await expect.poll(() => kept.inputValue()).toBe('');
});

test('a switch makes new photos keep their GPS position, and undo reverts it', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  await page.goto(`${installation.endpoints.portal}/admin?tab=codes`);
  const keep = page.getByRole('switch', { name: 'Keep GPS positions of photos' });
  const notice = page.getByTestId('notice');
  await keep.waitFor();
  expect(await keep.isChecked()).toBe(false);
  await keep.focus();
  await page.keyboard.press('Space');
  await notice.getByText('GPS positions of new photos are kept.').waitFor();
  await notice.getByRole('button', { name: 'Undo' }).click();
  await notice.getByText('GPS positions of new photos are removed.').waitFor();
  await notice.getByRole('button', { name: 'Undo' }).click();
  await notice.getByText('GPS positions of new photos are kept.').waitFor();
  // The state comes from the server, not from the memory of the page.
  await page.reload();
  await expect.poll(() => keep.isChecked()).toBe(true);
  // The switch moves with the click, before the server has answered.
  const moved = keep.evaluate((input) => {
    (input as HTMLInputElement).click();
    return (input as HTMLInputElement).checked;
  });
  expect(await moved).toBe(false);
  await notice.getByText('GPS positions of new photos are removed.').waitFor();
  expect(await keep.isChecked()).toBe(false);
});

test('a person is added, changed, disabled and enabled again; each error is shown beside its field', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  await openTab(page, 'people');
  await page.getByRole('button', { name: 'Add a person' }).click();
  const dialog = page.getByRole('dialog');
  const add = dialog.getByRole('button', { name: 'Add a person' });
  await dialog.getByLabel('Name').fill(hostile);
  await dialog.getByLabel('Email').fill('Reviewer@Demo.test');
  await add.click();
  await dialog.getByText('already has this email address', { exact: false }).waitFor();
  const email = dialog.getByLabel('Email');
  expect(await email.evaluate((field) => field === document.activeElement)).toBe(true);
  await email.fill('admin@other.test');
  await dialog.getByRole('radio', { name: 'Reviewer' }).check();
  await dialog.getByRole('checkbox', { name: 'Studio North' }).check();
  await add.click();
  await dialog.waitFor({ state: 'detached' });
  const line = page.getByTestId('line').filter({ hasText: 'admin@other.test' });
  expect(await line.innerText()).toContain(hostile);
  expect(await page.evaluate(() => 'ran' in window)).toBe(false);

  await line.getByRole('button', { name: /^Disable/ }).focus();
  await page.keyboard.press('Enter');
  await line.locator('[data-state=disabled]').waitFor();
  const enable = line.getByRole('button', { name: /^Enable/ });
  expect(await enable.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.getByTestId('notice').getByRole('button', { name: 'Undo' }).click();
  await line.locator('[data-state=waiting]').waitFor();

  await page.getByRole('button', { name: 'Disable Ada Admin' }).click();
  await page.getByTestId('notice').getByText('the last administrator', { exact: false }).waitFor();
  await page.getByRole('button', { name: 'Edit Ada Admin' }).click();
  await dialog.getByRole('radio', { name: 'Reviewer' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('the last administrator', { exact: false }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('a person of another organization accepts an invitation, switches, chooses an organization at the sign-in, and signs out in every tab', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await newPage({ context });
  const { portal, demo } = installation.endpoints;
  const user = demo.users.find((candidate) => candidate.email === 'admin@other.test');
  await page.goto(`${portal}/promise`);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.getByLabel(/e-?mail/i).fill(user?.email ?? '');
  await page.getByLabel(/password/i).fill(user?.password ?? '');
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL(/\/promise$/);
  const invitation = page.getByTestId('invitations');
  await invitation.getByText('You have an invitation to another organization.').waitFor();
  expect(await page.locator('body').innerText()).not.toContain('Demo Motors');
  await invitation.getByRole('button', { name: 'View' }).click();
  const dialog = page.getByRole('dialog');
  const accept = dialog.getByRole('button', { name: 'Accept the invitation to Demo Motors' });
  await accept.waitFor();
  await whenStill(page);
  expect(await accessibilityFaults(page)).toEqual([]);
  await accept.click();
  await dialog.getByText('You are now a member of Demo Motors.').waitFor();
  await dialog.getByRole('button', { name: 'Go there' }).click();
  await page.waitForURL(/\/sessions$/);
  const account = page.getByRole('button', { name: /Demo Motors|Other/ });
  await expect.poll(() => account.innerText()).toMatch(/Reviewer · Demo Motors/);
  expect(await invitation.innerText()).toBe('');
  expect(await page.getByRole('link', { name: 'Admin' }).count()).toBe(0);

  await account.click();
  await page.getByText('Switch to').waitFor();
  await page.getByRole('menuitem').first().click();
  await page.waitForURL(/\/sessions$/);
  await page.getByRole('link', { name: 'Admin' }).waitFor();
  expect(await account.innerText()).toMatch(/Administrator · /);
  await page.reload();
  await page.getByRole('link', { name: 'Admin' }).waitFor();

  const other = await newPage({ context });
  await other.goto(portal);
  // The provider's session signs them in without a click, in the organization that they used last.
  await other.getByRole('heading', { name: 'Sessions', exact: true }).waitFor();
  await other.getByRole('link', { name: 'Admin' }).waitFor();
  await page.getByRole('button', { name: /Administrator/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
  await other.getByText('You signed out in another tab', { exact: false }).waitFor();
  await page.waitForURL(/\/login/);
  // The provider's session has ended too: it asks for a sign-in.
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.getByLabel(/e-?mail/i).fill(user?.email ?? '');
  await page.getByLabel(/password/i).fill(user?.password ?? '');
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.getByRole('heading', { name: 'Choose your organization' }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Demo Motors' }).click();
  await expect.poll(() => account.innerText()).toMatch(/Reviewer · Demo Motors/);
});

test('a reviewer sees no link to the administration, and its address explains why', async () => {
  const page = await newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await signIn(page, installation.endpoints, 'reviewer@demo.test');
  expect(await page.getByRole('link', { name: 'Admin' }).count()).toBe(0);
  await page.goto(`${installation.endpoints.portal}/admin?tab=people`);
  await page.getByRole('heading', { name: 'Your role may not open this page' }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(asked.filter((url) => /admin-page|\/users|\/organization/.test(url))).toEqual([]);
});

test('an app that is blocked cannot enrol again until it is unblocked', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  // On loopback the demo organization is open: a device enrols without a code.
  const { org_id } = installation.endpoints.demo;
  const app = { org_id, platform: 'ios', model: 'Stray phone', app_version: '1', installation_key: 'k'.repeat(43) };
  const enrolAgain = async () => {
    const reply = await fetch(`${installation.endpoints.api}/auth/device`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(app),
    });
    return ((await reply.json()) as { code?: string }).code ?? reply.status;
  };
  expect([await enrolAgain(), await enrolAgain()]).toEqual([200, 200]);
  await openTab(page, 'devices');
  const lines = page.getByTestId('line').filter({ hasText: 'Stray phone' });
  await lines.first().getByText('Enrolled 2 times').waitFor();
  await lines.first().getByRole('button', { name: 'Block Stray phone' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('not even with a code', { exact: false }).waitFor();
  expect(await accessibilityFaults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Block it' }).click();
  await expect.poll(() => lines.locator('[data-state=blocked]').count()).toBe(2);
  expect(await enrolAgain()).toBe('device_blocked');
  await lines.first().getByRole('button', { name: 'Unblock Stray phone' }).click();
  await expect.poll(() => lines.locator('[data-state=revoked]').count()).toBe(2);
  expect(await enrolAgain()).toBe(200);
});

test('every tab says that the server does not answer, and a button tries again', async () => {
  const page = await newPage();
  await signIn(page, installation.endpoints, admin);
  await page.route(/:\d+\/(organization|users|devices|enrolment-codes|shot-lists|events)(\?|$)/, (route) =>
    route.abort(),
  );
  for (const tab of ['sites', 'people', 'devices', 'codes', 'shots', 'quality', 'audit']) {
    await page.goto(`${installation.endpoints.portal}/admin?tab=${tab}`);
    await page.getByRole('alert').getByText('The Spinbay server does not answer', { exact: false }).waitFor();
  }
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByTestId('event').first().waitFor();
});

test.each(['light', 'dark'] as const)('axe finds nothing on any tab or dialog (%s)', async (colorScheme) => {
  const page = await newPage({ colorScheme });
  await signIn(page, installation.endpoints, admin);
  const found: Record<string, string[]> = {};
  const look = async (name: string) => {
    const faults = await accessibilityFaults(page);
    if (faults.length > 0) found[name] = faults;
  };
  const dialog = page.getByRole('dialog');
  // calibration.test.ts does the same with the tab of image quality.
  for (const tab of ['sites', 'people', 'devices', 'codes', 'audit']) {
    await openTab(page, tab);
    await look(tab);
  }
  await page.goto(`${installation.endpoints.portal}/admin?tab=shots`);
  await page.getByRole('button', { name: 'Add a shot list' }).waitFor();
  await look('shots');
  await openTab(page, 'people');
  await page.getByRole('button', { name: 'Add a person' }).click();
  await dialog.getByRole('button', { name: 'Add a person' }).click();
  await dialog.getByText('Fill this in.').first().waitFor();
  await look('a person with faults');
  await openTab(page, 'codes');
  await page.getByRole('button', { name: 'Make a code' }).click();
  await dialog.getByRole('button', { name: 'Make a code' }).click();
  await dialog.getByText('Choose the sites of the device.').waitFor();
  await look('a code without a site');
  await dialog.getByRole('checkbox', { name: 'Studio North' }).check();
  await dialog.getByRole('button', { name: 'Make a code' }).click();
  await page.getByTestId('enrolment-code').waitFor();
  await look('a code');
  expect(found).toEqual({});
});

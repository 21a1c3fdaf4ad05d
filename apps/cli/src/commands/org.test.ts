import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnrolmentCode, isFailure } from '@spinbay/contracts';
import { enrolDevice } from '@spinbay/core';
import { startTestDatabase, type TestDatabase } from '@spinbay/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { org, organize } from './org.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-org-'));
});
afterAll(async () => {
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the command prints. */
async function spinbay(command: string[], over: Record<string, string> = {}): Promise<string> {
  const printed: string[] = [];
  const environment = {
    DATABASE_URL: database.ownerUrl,
    SPINBAY_DATA_DIR: folder,
    SPINBAY_API_URL: 'https://api.spinbay.test',
    ...over,
  };
  expect(await organize(command, environment, (text) => printed.push(text))).toBe(0);
  return printed.join('\n');
}
const facts = async (...command: string[]) => JSON.parse(await spinbay([...command, '--json']));
const complaint = (command: string[], over?: Record<string, string>) =>
  spinbay(command, over).then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const phone = { platform: 'ios', model: 'iPhone 17', appVersion: '1' };

test('an organization without a demo: made, filled with people, and a device enrolled and shut out', async () => {
  const { id, enrolment, sites } = await facts('create', 'Real Cars', '--site', 'Hall 1', '--site', 'Hall 2');
  expect([enrolment, sites.map((site: { name: string }) => site.name)]).toEqual(['code', ['Hall 1', 'Hall 2']]);
  expect(await spinbay(['list'])).toContain(`${id}  Real Cars`);
  const { id: third } = await facts('site', 'Real Cars', 'Hall 3');

  const ada = ['user', 'Real Cars', 'Ada@Real.test'];
  const added = await facts(...ada, '--name', 'Ada', '--role', 'admin', '--site', 'Hall 1', '--site', 'Hall 3');
  expect(added).toMatchObject({ email: 'ada@real.test', role: 'admin', site_ids: [sites[0].id, third].sort() });
  await facts('user', 'Real Cars', 'omar@real.test', '--name', 'Omar', '--role', 'admin');
  // Only what is given changes.
  expect(await facts(...ada, '--role', 'reviewer')).toEqual({ ...added, role: 'reviewer' });
  expect((await facts('disable-user', id, 'ada@real.test')).disabled_at).not.toBeNull();
  expect(await facts(...ada)).toMatchObject({ role: 'reviewer', disabled_at: null });
  expect(await complaint(['disable-user', id, 'omar@real.test'])).toMatch(/^CommandError: This is the last admin/);

  const code = await facts('code', id, '--label', 'Turntable', '--hours', '2', '--site', 'Hall 2');
  expect(new Date(code.expires_at).getTime() - Date.now()).toBeLessThanOrEqual(2 * 3_600_000);
  expect(new URL(code.enrol_url).searchParams.get('api')).toBe('https://api.spinbay.test');
  const device = await enrolDevice(database.store, id, phone, { code: EnrolmentCode.parse(code.code) });
  if (isFailure(device)) throw new Error(device.failure);
  expect(await spinbay(['devices', id])).toMatch(new RegExp(`${device.deviceId}  Turntable +ios 1 +Hall 2 +seen `));
  expect((await facts('revoke', id, device.deviceId)).revoked_at).not.toBeNull();
  expect(await spinbay(['devices', id])).toMatch(/revoked/);
  await spinbay(['enrolment', id, 'open']);
  expect(isFailure(await enrolDevice(database.store, id, phone))).toBe(false);

  expect(await facts('gps', 'Real Cars', 'keep')).toEqual({ id, name: 'Real Cars', keep_gps: true });
  expect(await spinbay(['gps', id, 'drop'])).toMatch(/Real Cars: where a photo was taken is dropped/);

  const { rows } = await database.admin.query(
    `select type, actor_type from events where org_id = $1 and type <> 'device.enrolled' order by id`,
    [id],
  );
  expect(new Set(rows.map((row) => row.actor_type))).toEqual(new Set(['system']));
  expect(rows.map((row) => row.type)).toEqual([
    'organization.created',
    'site.created',
    'user.created',
    'user.created',
    'user.changed',
    'user.disabled',
    'user.changed',
    'enrolment_code.created',
    'device.revoked',
    'organization.changed',
    'organization.changed',
    'organization.changed',
  ]);
});

describe('what cannot be done is said in words', () => {
  test.each([
    ['no command', [], /Name a command/],
    ['an unknown command', ['delete'], /There is no "org delete"/],
    ['a name of every object', ['toString'], /There is no "org toString"/],
    ['too little', ['site'], /Usage: spinbay org site ORG NAME/],
    ['too much', ['list', 'x'], /Usage: spinbay org list/],
    ['an unknown flag', ['list', '--force'], /--force/],
    ['a flag of another command', ['list', '--role', 'admin'], /--role means nothing to "org list"/],
    ['an unknown organization', ['devices', 'Nobody'], /There is no organization Nobody/],
    ['an address that is none', ['user', 'Words', 'ada', '--name', 'A', '--role', 'admin'], /EMAIL ada: /],
    ['a role that is none', ['user', 'Words', 'a@b.test', '--name', 'A', '--role', 'boss'], /--role boss: /],
    ['a new person without a role', ['user', 'Words', 'a@b.test', '--name', 'A'], /--name and --role/],
    ['an unknown person', ['disable-user', 'Words', 'a@b.test'], /There is no a@b\.test/],
    ['an unknown site', ['code', 'Words', '--site', 'Nowhere'], /no site Nowhere\. It has One\./],
    ['a site that is there', ['site', 'Words', 'One'], /has this name already/],
    ['an organization that is there', ['create', 'Words'], /There is an organization Words already/],
    ['a code for ever', ['code', 'Words', '--hours', '9999'], /--hours 9999: /],
    ['a code for no time', ['code', 'Words', '--hours', 'soon'], /--hours soon: /],
    ['a device that is none', ['revoke', 'Words', 'phone'], /DEVICE phone: /],
    ['places neither kept nor dropped', ['gps', 'Words', 'yes'], /gps yes: /],
    ['an unknown device', ['revoke', 'Words', '00000000-0000-4000-8000-000000000000'], /There is no such device/],
  ])('%s', async (_, command, expected) => {
    await spinbay(['create', 'Words', '--site', 'One']).catch(() => undefined);
    const said = await complaint(command);
    expect(said).toMatch(/^CommandError: /);
    expect(said).toMatch(expected);
  });

  test('the wrong role, the wrong database, none at all', async () => {
    expect(await complaint(['create', 'New'], { DATABASE_URL: database.appUrl })).toMatch(/role which owns the tables/);
    expect(await complaint(['list'], { DATABASE_URL: database.postgres.url })).toMatch(/no tables of Spinbay/);
    expect(await complaint(['list'], { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' })).toMatch(/does not answer/);
    expect(await complaint(['list'], { DATABASE_URL: '' })).toMatch(/No Spinbay runs here/);
  });
});

test('its help names every command', () => {
  for (const name of [
    'list',
    'create',
    'site',
    'user',
    'disable-user',
    'code',
    'enrolment',
    'gps',
    'devices',
    'revoke',
  ])
    expect(org.details).toContain(`\n  org ${name}`);
});

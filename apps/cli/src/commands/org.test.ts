import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnrolmentCode, isFailure } from '@spinbay/contracts';
import { enrolDevice } from '@spinbay/core';
import { startTestDatabase, type TestDatabase } from '@spinbay/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockInstance } from '../../../../local/stack/src/instance-lock.ts';
import { printable } from '../terminal/print.ts';
import { org, runOrg } from './org.ts';

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

/** The output of the command. */
async function spinbay(command: string[], over: Record<string, string> = {}): Promise<string> {
  const printed: string[] = [];
  const environment = {
    DATABASE_URL: database.ownerUrl,
    SPINBAY_DATA_DIR: folder,
    SPINBAY_API_URL: 'https://api.spinbay.test',
    ...over,
  };
  expect(await runOrg(command, environment, (text) => printed.push(text))).toBe(0);
  return printed.join('\n');
}
const facts = async (...command: string[]) => JSON.parse(await spinbay([...command, '--json']));
const errorOf = (command: string[], over?: Record<string, string>) =>
  spinbay(command, over).then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const phone = { platform: 'ios', model: 'iPhone 17', appVersion: '1' };

test('an organization is created, people are added, and a device is enrolled and revoked', async () => {
  const { id, enrolment, sites } = await facts('create', 'Real Cars', '--site', 'Hall 1', '--site', 'Hall 2');
  expect([enrolment, sites.map((site: { name: string }) => site.name)]).toEqual(['code', ['Hall 1', 'Hall 2']]);
  expect(await spinbay(['list'])).toContain(`${id}  Real Cars`);
  const { id: third } = await facts('site', 'Real Cars', 'Hall 3');

  const ada = ['user', 'Real Cars', 'Ada@Real.test'];
  const added = await facts(...ada, '--name', 'Ada', '--role', 'admin', '--site', 'Hall 1', '--site', 'Hall 3');
  expect(added).toMatchObject({ email: 'ada@real.test', role: 'admin', site_ids: [sites[0].id, third].sort() });
  await facts('user', 'Real Cars', 'omar@real.test', '--name', 'Omar', '--role', 'admin');
  // Only the given properties change.
  expect(await facts(...ada, '--role', 'reviewer')).toEqual({ ...added, role: 'reviewer' });
  expect((await facts('disable-user', id, 'ada@real.test')).disabled_at).not.toBeNull();
  expect(await facts(...ada)).toMatchObject({ role: 'reviewer', disabled_at: null });
  expect(await errorOf(['disable-user', id, 'omar@real.test'])).toMatch(/^CommandError: This is the last admin/);

  expect(await errorOf(['code', id])).toMatch(
    /several sites: Hall 1, Hall 2, Hall 3\. Name .* --site, or give --all-sites/,
  );
  expect(await errorOf(['code', id, '--all-sites', '--site', 'Hall 1'])).toMatch(/not both/);
  expect((await facts('code', id, '--all-sites')).site_ids).toEqual([]);
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
  expect(await spinbay(['gps', id, 'drop'])).toMatch(/Real Cars: from the next photo on, the location is not stored/);

  const choice = { id, name: 'Real Cars', qc_profile: 'v3', qc_edge_width_fail: 3.1, qc_min_long_side: null };
  expect(await facts('qc', 'Real Cars', 'v3', '--edge-width', '3.1')).toEqual({ ...choice, rejudged_frames: null });
  expect(await facts('qc', id, 'v3', '--all')).toEqual({ ...choice, rejudged_frames: 0 });
  expect(await spinbay(['qc', id, 'v3', '--min-side', '1600'])).toMatch(
    /v3 fails frames with edges wider than 3\.1 px\. A photo needs at least 1600 px on its long side\./,
  );
  expect(await facts('qc', id, 'v3', '--min-side', 'default')).toEqual({ ...choice, rejudged_frames: null });
  expect(await spinbay(['qc', id, 'default', '--edge-width', 'default'])).toMatch(
    /judged by the profile of the installation/,
  );

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
    'enrolment_code.created',
    'device.revoked',
    'organization.changed',
    'organization.changed',
    'organization.changed',
    'organization.changed',
    'organization.rejudgement_requested',
    'organization.changed',
    'organization.changed',
    'organization.changed',
  ]);
});

describe('an invalid command fails with a clear message', () => {
  test.each([
    ['no command', [], /Name a command/],
    ['an unknown command', ['delete'], /There is no "org delete"/],
    ['a property name of every object', ['toString'], /There is no "org toString"/],
    ['too few arguments', ['site'], /Usage: spinbay org site ORG NAME/],
    ['too many arguments', ['list', 'x'], /Usage: spinbay org list/],
    ['an unknown flag', ['list', '--force'], /--force/],
    ['a flag of another command', ['list', '--role', 'admin'], /"org list" has no option --role/],
    ['an unknown organization', ['devices', 'Nobody'], /There is no organization Nobody/],
    ['a malformed address', ['user', 'Words', 'ada', '--name', 'A', '--role', 'admin'], /EMAIL ada: /],
    ['an unknown role', ['user', 'Words', 'a@b.test', '--name', 'A', '--role', 'boss'], /--role boss: /],
    ['a new person without a role', ['user', 'Words', 'a@b.test', '--name', 'A'], /--name and --role/],
    ['an unknown person', ['disable-user', 'Words', 'a@b.test'], /no person with the address a@b\.test/],
    ['an unknown site', ['code', 'Words', '--site', 'Nowhere'], /no site Nowhere\. Its sites are One\./],
    ['an existing site', ['site', 'Words', 'One'], /already has this name/],
    ['an existing organization', ['create', 'Words'], /The organization Words already exists/],
    ['a code that is valid for too long', ['code', 'Words', '--hours', '9999'], /--hours 9999: /],
    ['a malformed number of hours', ['code', 'Words', '--hours', 'soon'], /--hours soon: /],
    ['a malformed device id', ['revoke', 'Words', 'phone'], /DEVICE phone: /],
    ['a GPS setting other than keep or drop', ['gps', 'Words', 'yes'], /gps yes: /],
    ['an unknown profile', ['qc', 'Words', 'v4'], /qc v4: /],
    ['a limit that is too small', ['qc', 'Words', 'v3', '--edge-width', '0.5'], /--edge-width 0\.5: /],
    ['a minimum that is too small', ['qc', 'Words', 'v3', '--min-side', '99'], /--min-side 99: /],
    ['an unknown device', ['revoke', 'Words', '00000000-0000-4000-8000-000000000000'], /has no such device/],
  ])('%s', async (_, command, expected) => {
    await spinbay(['create', 'Words', '--site', 'One']).catch(() => undefined);
    const message = await errorOf(command);
    expect(message).toMatch(/^CommandError: /);
    expect(message).toMatch(expected);
  });

  test('a wrong role, a wrong database and a missing database are reported', async () => {
    expect(await errorOf(['create', 'New'], { DATABASE_URL: database.appUrl })).toMatch(/role that owns the tables/);
    expect(await errorOf(['list'], { DATABASE_URL: database.postgres.url })).toMatch(/no Spinbay tables/);
    expect(await errorOf(['list'], { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' })).toMatch(/does not answer/);
    expect(await errorOf(['list'], { DATABASE_URL: '' })).toMatch(/Spinbay does not run here/);
  });
});

test('quotas are shown, set and removed, and an invalid one is reported', async () => {
  const { id } = await facts('create', 'Quota Cars', '--site', 'Hall 1');
  expect(await facts('quota', id)).toMatchObject({ quota_bytes: null, quota_sessions_per_day: null, stored_bytes: 0 });
  expect(await facts('quota', id, '--gigabytes', '1.5', '--sessions-per-day', '20')).toMatchObject({
    ...{ quota_bytes: 1_500_000_000, quota_sessions_per_day: 20 },
  });
  expect(await facts('quota', id, '--gigabytes', 'none')).toMatchObject({
    ...{ quota_bytes: null, quota_sessions_per_day: 20 },
  });
  for (const wrong of ['-1', 'much', ''])
    expect(await errorOf(['quota', id, `--gigabytes=${wrong}`])).toMatch(/^CommandError: --gigabytes/);
});

test('blocking a device revokes all devices of its app, which can enrol again only after it is unblocked', async () => {
  const { id } = await facts('create', 'Blocking Cars', '--enrolment', 'open', '--site', 'Yard');
  const enrol = async () => {
    const device = await enrolDevice(database.store, id, phone, { installation: 'app-1' });
    return isFailure(device) ? device.failure : device.deviceId;
  };
  const [first, second] = [await enrol(), await enrol()];
  expect((await facts('block', id, first)).blocked_at).not.toBeNull();
  const states = (await facts('devices', id)).map((device: { id: string; revoked_at: string | null }) => [
    device.id,
    device.revoked_at !== null,
  ]);
  expect(new Map(states)).toEqual(new Map([first, second].map((device) => [device, true])));
  expect(await enrol()).toBe('device_blocked');
  expect(await facts('unblock', id, second)).toMatchObject({ blocked_at: null, revoked_at: expect.any(String) });
  expect(await enrol()).toMatch(/^[0-9a-f-]{36}$/);

  const unknown = await enrolDevice(database.store, id, phone);
  if (isFailure(unknown)) throw new Error(unknown.failure);
  expect(await errorOf(['block', id, unknown.deviceId])).toMatch(
    /cannot be blocked, because its app sent no installation_key/,
  );
});

test('the JSON of a name with invisible characters is valid on a terminal', async () => {
  // A zero-width non-joiner, which Persian needs.
  const name = 'نمایشگاه می\u200cخوانم';
  const printed = await spinbay(['create', name, '--json']);
  expect(JSON.parse(printable(printed))).toMatchObject({ name });
});

test('damaged addresses of a stopped installation on this machine do not hide the database of DATABASE_URL', async () => {
  const SPINBAY_DATA_DIR = await mkdtemp(join(folder, 'damaged-'));
  await writeFile(join(SPINBAY_DATA_DIR, 'endpoints.json'), '{');
  const { id } = await facts('create', 'Reachable Cars');
  expect(await spinbay(['list'], { SPINBAY_DATA_DIR })).toContain(id);
  // The database of a running installation may be on the same server under another name.
  const lock = await lockInstance(SPINBAY_DATA_DIR);
  expect(await errorOf(['list'], { SPINBAY_DATA_DIR })).toMatch(/endpoints\.json is damaged/);
  await lock.release();
});

test('the password of the database may be in a secret', async () => {
  const url = new URL(database.ownerUrl);
  const DATABASE_SECRET = join(folder, 'owner.json');
  await writeFile(DATABASE_SECRET, JSON.stringify({ username: url.username, password: url.password }));
  url.password = '';
  const { id } = await facts('create', 'Secret Cars');
  expect(await spinbay(['list'], { DATABASE_URL: url.href, DATABASE_SECRET })).toContain(id);
  expect(await errorOf(['list'], { DATABASE_URL: url.href })).toMatch(/^CommandError: .* DATABASE_SECRET\.$/);
});

test('the help lists every command', () => {
  for (const name of [
    'list',
    'create',
    'site',
    'user',
    'disable-user',
    'code',
    'enrolment',
    'gps',
    'qc',
    'devices',
    'revoke',
    'block',
    'unblock',
  ])
    expect(org.details).toContain(`\n  org ${name}`);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Email, isFailure } from '@spinbay/contracts';
import { createSession, createUser, enrolDevice, getSession } from '@spinbay/core';
import { startTestDatabase, type TestDatabase } from '@spinbay/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runErase } from './erase.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-erase-'));
});
afterAll(async () => {
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The output of the command, or its error. */
async function spinbay(...command: string[]): Promise<string> {
  const output: string[] = [];
  const environment = { DATABASE_URL: database.ownerUrl, SPINBAY_DATA_DIR: folder };
  await runErase(command, environment, (text) => output.push(text)).catch((error: Error) => output.push(error.message));
  return output.join('\n');
}

async function startSession() {
  const org = await database.makeOrg();
  const device = await enrolDevice(database.store, org.orgId, { platform: 'test', model: 'Test', appVersion: '1' });
  if (isFailure(device)) throw new Error(device.failure);
  const tenant = database.store.forOrg(org.orgId, 'all');
  const shotList = { studio360: { frame_count: 4 } };
  const by = { type: 'device' as const, id: device.deviceId };
  const made = await tenant.transact((tx) =>
    createSession(tx, { siteId: org.siteIds[0], vehicle: { stock: 'S1' }, mode: 'studio360', shotList, by }),
  );
  if (isFailure(made)) throw new Error(made.failure);
  const { id, vehicle_id } = made.session;
  return { ...org, id, vehicle_id, exists: async () => (await tenant.read((tx) => getSession(tx, id))) !== undefined };
}

test.each(['session', 'vehicle', 'organization'] as const)(
  'a %s is erased only with --yes, and restored with --undo',
  async (kind) => {
    const { id, vehicle_id, orgId, exists } = await startSession();
    const wanted = { session: id, vehicle: vehicle_id, organization: orgId }[kind];
    const isThere = async () => {
      const { rows } = await database.admin.query('select erasing from organizations where id = $1', [orgId]);
      return (await exists()) && rows[0].erasing === false;
    };
    expect(await spinbay('erase-nothing', wanted)).toMatch(/^erase erase-nothing: /);
    expect(await spinbay(kind, wanted)).toMatch(/with 0 photos would be erased. Repeat the command with --yes/);
    expect(await isThere()).toBe(true);
    expect(await spinbay(kind, wanted, '--yes')).toMatch(/is hidden now and will be erased after 20/);
    expect(await isThere()).toBe(false);
    expect(await spinbay(kind, wanted, '--undo')).toMatch(/restored/);
    expect(await isThere()).toBe(true);
  },
);

test('a person is erased by email address, only with --yes', async () => {
  const { emailOf, orgId } = await database.makeOrg();
  const email = emailOf('reviewer');
  const isKnown = async () =>
    (await database.admin.query('select from users where org_id = $1 and email = $2', [orgId, email])).rows.length ===
    1;
  expect(await spinbay('person', email)).toMatch(/would be erased, immediately and permanently/);
  expect(await isKnown()).toBe(true);
  expect(await spinbay('person', email, '--yes')).toMatch(/are erased/);
  expect(await isKnown()).toBe(false);
});

test('a person with the same address in two organizations is erased only in the named one', async () => {
  const [first, second] = [await database.makeOrg(), await database.makeOrg()];
  const email = first.emailOf('reviewer');
  await database.store
    .forOrg(second.orgId, 'all')
    .transact((tx) =>
      createUser(tx, { email: Email.parse(email), name: 'Twice', role: 'reviewer', siteIds: [] }, { type: 'system' }),
    );
  const orgsOf = async () =>
    (await database.admin.query('select org_id from users where email = $1', [email])).rows.map((row) => row.org_id);
  expect(await spinbay('person', email, '--yes')).toMatch(/is in 2 organizations: .*Name one with --org\./);
  expect((await orgsOf()).sort()).toEqual([first.orgId, second.orgId].sort());
  expect(await spinbay('person', email, '--yes', '--org', second.orgId)).toMatch(/are erased/);
  expect(await orgsOf()).toEqual([first.orgId]);
});

test('a session whose id exists in two organizations is erased and restored only in the named one', async () => {
  const first = await startSession();
  const second = await database.makeOrg();
  const device = await enrolDevice(database.store, second.orgId, { platform: 'test', model: 'Test', appVersion: '1' });
  if (isFailure(device)) throw new Error(device.failure);
  const tenant = database.store.forOrg(second.orgId, 'all');
  const made = await tenant.transact((tx) =>
    createSession(tx, {
      id: first.id,
      siteId: second.siteIds[0],
      vehicle: { stock: 'S2' },
      mode: 'studio360',
      shotList: { studio360: { frame_count: 4 } },
      by: { type: 'device', id: device.deviceId },
    }),
  );
  if (isFailure(made)) throw new Error(made.failure);
  for (const args of [[], ['--yes'], ['--undo']])
    expect(await spinbay('session', first.id, ...args)).toMatch(/is in 2 organizations: .*Name one with --org\./);
  expect(await first.exists()).toBe(true);
  expect(await spinbay('session', first.id, '--yes', '--org', second.orgId)).toMatch(/is hidden now/);
  expect(await first.exists()).toBe(true);
  expect(await tenant.read((tx) => getSession(tx, first.id))).toBeUndefined();
  expect(await spinbay('session', first.id, '--undo', '--org', second.orgId)).toMatch(/restored/);
});

test('an unknown id gives an error', async () => {
  expect(await spinbay('session', '01900000-0000-7000-8000-000000000001', '--yes')).toMatch(
    /This session does not exist/,
  );
});

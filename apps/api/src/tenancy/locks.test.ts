import { type RouteName, routes } from '@spinbay/contracts';
import { locks, startTestDatabase } from '@spinbay/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDealer } from '../testing/dealers.ts';
import { trespass } from '../testing/trespass.ts';
import { startTestApi, type TestApi } from '../testing.ts';

/**
 * Verifies that the test runs with a single lock really lack the other one. Here the database has no row-level security:
 * tenants are separated if, and only if, the statements have their conditions.
 */

const scoped = (Object.keys(routes) as RouteName[]).filter((name) => routes[name].access !== 'public');

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ rowLevelSecurity: false });
});
afterAll(() => api?.stop());

/** Routes that let a stranger in if both locks are off. Other routes have a third lock, such as the sites of the caller. */
const leaks: RouteName[] = [
  'getOrganization',
  'listSites',
  'listUsers',
  'updateUser',
  'listDevices',
  'revokeDevice',
  'createSession',
  'presignImage',
];

async function faultsOf(name: RouteName) {
  const [victim, stranger] = [await makeDealer(api), await makeDealer(api)];
  const faults = [];
  // A device without sites, because sites would separate the rows, too. An administrator tries the same, because such a
  // device can never read the photos of others.
  for (const role of ['device', 'admin'] as const) {
    const token = await stranger.token(role);
    const who = { token, orgId: stranger.orgId, own: stranger.south, firstShapeOnly: false };
    faults.push(...(await trespass(name, who, { api, victim, other: stranger })));
  }
  return faults;
}

if (locks === 'row-level security') {
  test.each(leaks)('without row-level security and without conditions, %s leaks', async (name) => {
    expect(await faultsOf(name)).not.toEqual([]);
  });
} else {
  test.each(scoped)('without row-level security, the conditions of %s hold', async (name) => {
    expect(await faultsOf(name)).toEqual([]);
  });
}

test('test databases have row-level security, except in the run with the conditions alone', async () => {
  const usual = await startTestDatabase();
  try {
    const { rows } = await usual.admin.query(
      `select distinct qual <> 'true' as on from pg_policies where schemaname = 'public' and policyname = 'of_org'`,
    );
    expect(rows).toEqual([{ on: locks !== 'conditions' }]);
  } finally {
    await usual.stop();
  }
});

import { type RouteName, routes } from '@spinbay/contracts';
import { locks, startTestDatabase } from '@spinbay/core/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDealer } from '../testing/dealers.ts';
import { trespass } from '../testing/trespass.ts';
import { startTestApi, type TestApi } from '../testing.ts';

/**
 * That the tests which run with one lock alone have really lost the other: without row-level security, the tenants are
 * kept apart exactly where the statements still have their conditions.
 */

const scoped = (Object.keys(routes) as RouteName[]).filter((name) => routes[name].access !== 'public');

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ rowLevelSecurity: false });
});
afterAll(() => api?.stop());

test(`without row-level security, ${locks === 'row-level security' ? 'and without conditions, everything leaks' : 'the conditions hold'}`, async () => {
  const leaking: string[] = [];
  for (const name of scoped) {
    const [victim, stranger] = [await makeDealer(api), await makeDealer(api)];
    // Whoever may see every site of its organization: else the sites would keep apart what the organizations do not.
    const token = await stranger.token('device');
    const who = { token, orgId: stranger.orgId, own: stranger.south, briefly: false };
    const faults = await trespass(name, who, { api, victim, other: stranger });
    if (faults.length > 0) leaking.push(name);
  }
  if (locks !== 'row-level security') expect(leaking).toEqual([]);
  else {
    const expected: RouteName[] = [
      'getSession',
      'listSessions',
      'listSites',
      'listImages',
      'updateSession',
      'presignImage',
    ];
    expect(leaking).toEqual(expect.arrayContaining(expected));
  }
});

test('a database of this run has row-level security unless this run is without', async () => {
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

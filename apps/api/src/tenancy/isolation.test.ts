import { type Role, type Route, type RouteName, routes } from '@spinbay/contracts';
import { locks } from '@spinbay/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Dealer, gapsOf, makeDealer } from '../testing/dealers.ts';
import { fill, type Ids, send, shapesOf } from '../testing/sample-requests.ts';
import { asText, isOfWholeOrganization, type Trespasser, trespass } from '../testing/trespass.ts';
import { startTestApi, type TestApi } from '../testing.ts';

/**
 * Tests the isolation of tenants for every route of the contracts. The requests are generated from the schemas, so that new
 * routes are covered automatically.
 */

const scoped = (Object.keys(routes) as RouteName[]).filter((name) => routes[name].access !== 'public');
const allRoles: readonly Role[] = ['device', 'operator', 'reviewer', 'admin'];
const rolesOf = (route: Route): readonly Role[] => (route.access === 'public' ? [] : route.access);

let api: TestApi;
let victim: Dealer;
let stranger: Dealer;
beforeAll(async () => {
  api = await startTestApi();
  [victim, stranger] = [await makeDealer(api), await makeDealer(api)];
});
afterAll(() => api?.stop());

test('each test dealer has rows in every table and a unique text in every column, so that a leak is detected', async () => {
  expect(await gapsOf(api, victim, [stranger])).toEqual([]);
});

// Access by role does not depend on the locks between organizations.
if (locks === 'both') {
  describe('the generated requests are valid: callers with permission succeed', () => {
    test.each(scoped)('%s', async (name) => {
      const route: Route = routes[name];
      const role = rolesOf(route).findLast((one) => one !== 'device') ?? 'device';
      const tried: string[] = [];
      for (const shape of shapesOf(name, route, { more: true })) {
        // A separate dealer, because the route changes its rows.
        const owner = await makeDealer(api);
        const request = fill(route, shape, (field) => owner.south[field.kind], { organizationName: owner.name });
        const answer = await send(api.url, request, await owner.token(role));
        if (answer.status < 300) return;
        tried.push(`${asText(request)} answered ${answer.text.split('\n')[1]}`);
      }
      expect.fail(`No generated request of ${name} succeeds for the ${role} whose rows it names:\n${tried.join('\n')}`);
    });
  });

  describe('the callers without access are refused only for their site or their revocation', () => {
    const shape = shapesOf('getSession', routes.getSession)[0];
    const statusWith = async (token: string, ids: Ids) => {
      if (shape === undefined) throw new Error('getSession has no request');
      return (
        await send(
          api.url,
          fill(routes.getSession, shape, (field) => ids[field.kind]),
          token,
        )
      ).status;
    };

    test.each(allRoles)('the %s of a site reads a session there, and none of another site', async (role) => {
      const dealer = await makeDealer(api);
      const token = await dealer.northToken(role);
      expect([await statusWith(token, dealer.north), await statusWith(token, dealer.south)]).toEqual([200, 404]);
    });

    test('a revoked device is accepted again if its revocation is removed', async () => {
      const dealer = await makeDealer(api);
      const token = await dealer.revokedToken();
      expect(await statusWith(token, dealer.south)).toBe(401);
      await api.database.admin.query('update devices set revoked_at = null where org_id = $1', [dealer.orgId]);
      expect(await statusWith(token, dealer.south)).not.toBe(401);
    });
  });

  describe('a route answers "forbidden" exactly to the roles that it does not name', () => {
    test.each(scoped)('%s', async (name) => {
      const route: Route = routes[name];
      const [shape] = shapesOf(name, route);
      if (shape === undefined) throw new Error(`${name} has no request`);
      const outcomes = await Promise.all(
        allRoles.map(async (role) => {
          const own = await makeDealer(api);
          const request = fill(route, shape, (field) => own.south[field.kind]);
          const { code } = await send(api.url, request, await own.token(role));
          return [role, code === 'forbidden' ? 'forbidden' : 'allowed'];
        }),
      );
      expect(outcomes).toEqual(allRoles.map((role) => [role, rolesOf(route).includes(role) ? 'allowed' : 'forbidden']));
    });
  });
}

/** Creates a stranger for each route, because one who has used an id of the victim for a row of their own owns that id. */
async function strangerWith(role: Role, route: Route): Promise<Trespasser> {
  const dealer = await makeDealer(api);
  const token = await dealer.token(role);
  return { token, orgId: dealer.orgId, own: dealer.south, firstShapeOnly: isStopped(role, route) };
}

async function neighbourWith(role: Role, route: Route, victim: Dealer): Promise<Trespasser> {
  const token = await victim.northToken(role);
  return { token, orgId: victim.orgId, own: await victim.more('north'), firstShapeOnly: isStopped(role, route) };
}

/**
 * A caller of an organization whose rows have the same ids as the victim's. The victim sends its requests first, so that a
 * shared cache holds the replies.
 */
async function twinWith(role: Role, name: RouteName, victim: Dealer): Promise<Trespasser> {
  const route: Route = routes[name];
  const twin = await makeDealer(api, victim);
  if (route.method === 'GET')
    for (const shape of shapesOf(name, route))
      await send(
        api.url,
        fill(route, shape, (field) => victim.south[field.kind]),
        await victim.token(role),
      );
  return { token: await twin.token(role), orgId: twin.orgId, own: twin.south, firstShapeOnly: false, twin };
}

/** Whether one request is enough: the role is refused, or its requests get the same checks as those of the highest role. */
function isStopped(role: Role, route: Route): boolean {
  return !rolesOf(route).includes(role) || (role !== 'device' && role !== rolesOf(route).at(-1));
}

const nobody = async (): Promise<Trespasser> => ({
  token: undefined,
  orgId: undefined,
  own: stranger.south,
  firstShapeOnly: true,
});

const revokedDevice = async (victim: Dealer): Promise<Trespasser> => ({
  token: await victim.revokedToken(),
  orgId: undefined,
  own: victim.south,
  firstShapeOnly: true,
});

type Named = [name: string, make: (name: RouteName, victim: Dealer) => Promise<Trespasser>];

const strangers = allRoles.map(
  (role): Named => [`the ${role} of another organization`, (name) => strangerWith(role, routes[name])],
);
const neighbours = allRoles.map(
  (role): Named => [`the ${role} of another site`, (name, victim) => neighbourWith(role, routes[name], victim)],
);
const twins = (['device', 'admin'] as const).map(
  (role): Named => [`the ${role} of an organization with the same ids`, (name, victim) => twinWith(role, name, victim)],
);
// Checks of sites and tokens do not depend on the locks between organizations.
const trespassers: Named[] =
  locks === 'both'
    ? [
        ...strangers,
        ...twins,
        ...neighbours,
        ['nobody', nobody],
        ['a revoked device', (_, victim) => revokedDevice(victim)],
      ]
    : strangers.filter(([name]) => /device|admin/.test(name));

test('an ETag alone does not reveal whether something changed', async () => {
  const known: string[] = [];
  for (const name of scoped) {
    const route: Route = routes[name];
    if (route.method !== 'GET') continue;
    const [shape] = shapesOf(name, route);
    if (shape === undefined) throw new Error(`${name} has no request`);
    const { path } = fill(route, shape, (field) => victim.south[field.kind]);
    const ask = async (token: string, etag?: string) =>
      fetch(api.url + path, {
        headers: { authorization: `Bearer ${token}`, ...(etag === undefined ? {} : { 'if-none-match': etag }) },
      });
    const etag = (await ask(await victim.token('admin'))).headers.get('etag');
    if (etag === null) continue;
    known.push(name);
    expect((await ask(await victim.token('admin'), etag)).status, name).toBe(304);
    for (const token of [await stranger.token('admin'), await victim.northToken('admin')])
      for (const guess of [etag, '*']) expect((await ask(token, guess)).status, name).not.toBe(304);
  }
  expect(known).toContain('listImages');
});

describe.each(trespassers)('%s gets nothing, learns nothing and changes nothing', (who, make) => {
  const whole = who === 'the admin of another site';
  test.each(scoped.filter((name) => !(whole && isOfWholeOrganization(routes[name]))))('%s', async (name) => {
    // A single victim for all routes would get more rows with each test, and comparing them would take longer.
    const victim = await makeDealer(api);
    expect(await trespass(name, await make(name, victim), { api, victim, other: stranger })).toEqual([]);
  });
});

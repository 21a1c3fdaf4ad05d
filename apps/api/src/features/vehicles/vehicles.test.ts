import type { ApiError, Client } from '@spinbay/client';
import { type SiteId, VehicleId } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusal, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let north: SiteId;
let south: SiteId;
let reviewer: Client;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  [north, south = north] = org.siteIds;
  reviewer = await api.as(org, 'reviewer');
});
afterAll(() => api?.stop());

let made = 0;
const newVin = () => `1HGCM82633A${String(++made).padStart(6, '0')}`;
const newStock = () => `V-${++made}`;
const start = async (by: Client, siteId: SiteId, vehicle: { vin?: string; stock?: string }) =>
  (await by.createSession({ body: { site_id: siteId, vehicle, mode: 'stills' } })).body;
const correct = (by: Client, id: string, body: { vin?: string | null; stock?: string | null }) =>
  by.updateVehicle({ params: { vehicle_id: VehicleId.parse(id) }, body });
const detailOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => `${(error as ApiError).code}: ${(error as ApiError).message}`,
  );

async function boundDevice(siteId: SiteId) {
  const device = await api.device(org);
  await api.database.admin.query('insert into device_site_access (org_id, device_id, site_id) values ($1, $2, $3)', [
    org.orgId,
    device.deviceId,
    siteId,
  ]);
  return device;
}
/** A reviewer who sees both sites. */
async function reviewerOfBoth() {
  const own = await api.makeOrg();
  await api.database.admin.query(
    `insert into user_site_access (org_id, user_id, site_id)
     select u.org_id, u.id, s.id from users u join sites s on s.org_id = u.org_id where u.org_id = $1 and u.role = 'reviewer'
     on conflict do nothing`,
    [own.orgId],
  );
  return { own, both: await api.as(own, 'reviewer'), device: await api.device(own) };
}

describe('a vehicle belongs to a site', () => {
  test('a device of another site learns nothing from a conflict and does not change that site’s vehicles', async () => {
    const [here, there] = [await boundDevice(north), await boundDevice(south)];
    const [vin, stock] = [newVin(), newStock()];
    const theirs = await start(here, north, { vin, stock });
    const unnamed = await start(here, north, { stock: newStock() });
    // At another site, a known stock number means another vehicle, whether its vehicle here has a different VIN or none yet.
    const own = await start(there, south, { stock, vin: newVin() });
    expect(own.vehicle.id).not.toBe(theirs.vehicle.id);
    await start(there, south, { stock: unnamed.vehicle.stock ?? '', vin: newVin() });
    const mine = await start(there, south, { vin });
    expect(mine.vehicle).toMatchObject({ vin, stock: null, also_at: [] });
    for (const session of [theirs, unnamed])
      expect((await here.getSession({ params: { session_id: session.id } })).body.vehicle).toMatchObject({
        vin: session.vehicle.vin,
        stock: session.vehicle.stock,
      });
    // Within a site they are a conflict with an explanation.
    expect(await detailOf(start(here, north, { stock, vin: newVin() }))).toMatch(
      new RegExp(`vehicle_conflict.*VIN ${vin} and stock number ${stock}`),
    );
  });

  test('a person with access to both sites sees that a VIN is at both', async () => {
    const { own, both, device } = await reviewerOfBoth();
    const [first, second = first] = own.siteIds;
    const vin = newVin();
    const one = await start(device, first, { vin, stock: 'N-1' });
    expect(one.vehicle.also_at).toEqual([]);
    const two = await start(device, second, { vin, stock: 'S-1' });
    const vehicleOf = async (by: Client, id: typeof one.id) =>
      (await by.getSession({ params: { session_id: id } })).body.vehicle;
    expect((await vehicleOf(both, one.id)).also_at).toEqual([
      { vehicle_id: two.vehicle.id, site_id: second, site_name: 'South' },
    ]);
    expect((await vehicleOf(both, two.id)).also_at).toMatchObject([{ site_name: 'North' }]);
    const { items } = (await both.listSessions({ query: { q: vin } })).body;
    expect(items.map((item) => item.vehicle.also_at?.length)).toEqual([1, 1]);
    // The operator sees only the first site.
    const operator = await api.as(own, 'operator');
    expect((await vehicleOf(operator, one.id)).also_at).toEqual([]);
    expect((await operator.listSessions({ query: { q: vin } })).body.items).toHaveLength(1);
  });
});

describe('PATCH /vehicles/{id}', () => {
  test('corrects VIN and stock number, and the audit log has old and new', async () => {
    const device = await api.device(org);
    const [vin, stock] = [newVin(), newStock()];
    const session = await start(device, north, { vin, stock });
    const right = { vin: newVin(), stock: newStock() };
    const { body } = await correct(reviewer, session.vehicle.id, right);
    expect(body).toMatchObject({ id: session.vehicle.id, ...right });
    expect((await device.getSession({ params: { session_id: session.id } })).body.vehicle).toEqual(body);
    const events = async () =>
      (
        await (
          await api.as(org, 'admin')
        ).listEvents({
          query: { entity_type: 'vehicle', entity_id: session.vehicle.id },
        })
      ).body.items;
    expect(await events()).toMatchObject([
      {
        type: 'vehicle.corrected',
        meta: { vin: { from: vin, to: right.vin }, stock: { from: stock, to: right.stock } },
        actor: { type: 'user' },
      },
    ]);
    // The same values are not a change.
    await correct(reviewer, session.vehicle.id, right);
    expect(await events()).toHaveLength(1);
    // The wrong number is free for another vehicle.
    expect((await start(device, north, { vin, stock })).vehicle.id).not.toBe(session.vehicle.id);
    // One of the numbers can be removed, but not both.
    expect((await correct(reviewer, session.vehicle.id, { vin: null })).body).toMatchObject({
      vin: null,
      stock: right.stock,
    });
    expect(await refusal(correct(reviewer, session.vehicle.id, { stock: null }))).toBe('400 validation_failed');
  });

  test('says which vehicle of the site already has the number, and nothing about other sites', async () => {
    const device = await api.device(org);
    const [one, two] = [
      await start(device, north, { vin: newVin(), stock: newStock() }),
      await start(device, north, { vin: newVin(), stock: newStock() }),
    ];
    const { vin, stock } = two.vehicle;
    expect(await detailOf(correct(reviewer, one.vehicle.id, { stock }))).toMatch(
      new RegExp(`vehicle_conflict.*Another vehicle of this site has stock number ${stock} and VIN ${vin}`),
    );
    expect(await detailOf(correct(reviewer, one.vehicle.id, { vin }))).toMatch(
      new RegExp(`vehicle_conflict.*VIN ${vin} belongs to the vehicle with stock number ${stock}`),
    );
    const away = await start(device, south, { vin: newVin(), stock: newStock() });
    const taken = { vin: away.vehicle.vin, stock: away.vehicle.stock };
    expect((await correct(reviewer, one.vehicle.id, taken)).body).toMatchObject({ ...taken, also_at: [] });
  });

  test('one of two concurrent corrections to the same number gets a conflict', async () => {
    const device = await api.device(org);
    for (let round = 0; round < 5; round++) {
      const sessions = await Promise.all([1, 2, 3].map(() => start(device, north, { stock: newStock() })));
      const vin = newVin();
      const outcomes = await Promise.all(
        sessions.map((session) => refusal(correct(reviewer, session.vehicle.id, { vin }))),
      );
      expect(outcomes.sort()).toEqual(['409 vehicle_conflict', '409 vehicle_conflict', 'no error']);
    }
  });

  test('devices and operators can correct only during their own active session, reviewers at all their sites', async () => {
    const [mine, other, unbound] = [await api.device(org), await boundDevice(north), await api.device(org)];
    const operator = await api.as(org, 'operator');
    const session = await start(mine, north, { stock: newStock() });
    const id = session.vehicle.id;
    expect((await correct(mine, id, { stock: newStock() })).status).toBe(200);
    expect(await refusal(correct(other, id, { stock: newStock() }))).toBe('403 own_session_required');
    expect(await refusal(correct(unbound, id, { stock: newStock() }))).toBe('404 vehicle_not_found');
    expect(await refusal(correct(operator, id, { stock: newStock() }))).toBe('403 own_session_required');
    await mine.updateSession({ params: { session_id: session.id }, body: { status: 'completed' } });
    expect(await refusal(correct(mine, id, { stock: newStock() }))).toBe('403 own_session_required');
    expect((await correct(reviewer, id, { stock: newStock() })).status).toBe(200);
    const own = await start(operator, north, { stock: newStock() });
    expect((await correct(operator, own.vehicle.id, { vin: newVin() })).status).toBe(200);
    const away = await start(mine, south, { stock: newStock() });
    for (const by of [reviewer, operator, await boundDevice(north)])
      expect(await refusal(correct(by, away.vehicle.id, { stock: newStock() }))).toBe('404 vehicle_not_found');
  });

  test.each([
    ['nothing to change', {}, 'body'],
    ['neither number', { vin: null, stock: null }, 'body'],
    ['a VIN with an O', { vin: '1HGCM82633A0O4352' }, 'body.vin'],
  ])('400 for %s', async (_, body, path) => {
    const session = await start(await api.device(org), north, { stock: newStock() });
    const error = await correct(reviewer, session.vehicle.id, body).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 400, code: 'validation_failed', fields: [{ path }] });
  });
});

import { isFailure } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { findOrCreateVehicle } from './find-or-create-vehicle.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

async function makeTenant() {
  const { orgId, siteIds } = await database.makeOrg();
  const tenant = database.store.forOrg(orgId, 'all');
  const [north, south = north] = siteIds;
  const find = (wanted: { vin?: string; stock?: string }, site = north) =>
    tenant
      .transact((tx) => findOrCreateVehicle(tx, site, wanted))
      .then((made) => (isFailure(made) ? made.failure : made.id));
  const stored = async () => {
    const { rows } = await database.admin.query(
      'select stock, vin from vehicles where org_id = $1 order by stock, vin',
      [orgId],
    );
    return rows;
  };
  return { find, stored, south };
}

const vin = (k: number) => `1HGCM82633A00${4000 + k}`;

test('of several concurrent VINs for one stock number, one is kept and the others are conflicts', async () => {
  for (let round = 0; round < 10; round++) {
    const { find, stored } = await makeTenant();
    const known = await find({ stock: 'S1' });
    const outcomes = await Promise.all([1, 2, 3, 4].map((k) => find({ stock: 'S1', vin: vin(k) })));
    expect(outcomes.filter((outcome) => outcome === known)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'vehicle_conflict')).toHaveLength(3);
    const winner = outcomes.indexOf(known);
    expect(await stored()).toEqual([{ stock: 'S1', vin: vin(winner + 1) }]);
  }
});

test('a VIN that a concurrent request gives to another vehicle is a conflict', async () => {
  for (let round = 0; round < 10; round++) {
    const { find, stored } = await makeTenant();
    const known = await find({ stock: 'S1' });
    const [added, alone] = await Promise.all([find({ stock: 'S1', vin: vin(1) }), find({ vin: vin(1) })]);
    if (added === 'vehicle_conflict') {
      expect(alone).not.toBe(known);
      expect(await stored()).toEqual([
        { stock: 'S1', vin: null },
        { stock: null, vin: vin(1) },
      ]);
    } else {
      expect([added, alone]).toEqual([known, known]);
      expect(await stored()).toEqual([{ stock: 'S1', vin: vin(1) }]);
    }
  }
});

test('concurrent requests with a new VIN, a new stock number and both create no number twice', async () => {
  const { find, stored } = await makeTenant();
  const asked = [{ stock: 'S1' }, { vin: vin(1) }, { stock: 'S1', vin: vin(1) }, { stock: 'S1' }];
  const outcomes = await Promise.all(asked.map((wanted) => find(wanted)));
  // The first request decides whether they are one vehicle. There is no server error, and no number exists twice.
  const vehicles = await stored();
  expect(vehicles.length).toBeLessThanOrEqual(2);
  expect(new Set(outcomes.filter((outcome) => outcome !== 'vehicle_conflict')).size).toBe(vehicles.length);
});

test('the same numbers at another site are another vehicle, which reveals and changes nothing here', async () => {
  const { find, stored, south } = await makeTenant();
  const here = await find({ stock: 'S1', vin: vin(1) });
  const there = await find({ stock: 'S1' }, south);
  expect(there).not.toBe(here);
  expect(await find({ stock: 'S1', vin: vin(2) }, south)).toBe(there);
  expect(await find({ vin: vin(1) }, south)).not.toBe(here);
  expect(await stored()).toEqual([
    { stock: 'S1', vin: vin(1) },
    { stock: 'S1', vin: vin(2) },
    { stock: null, vin: vin(1) },
  ]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { eraseSession } from '../deletions/erase-session.ts';
import { eraseRows } from '../deletions/work-deletions.ts';
import { angle, measured, startShooting } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { countSession, getUsage, setQuotas } from './quotas.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

test('the bytes of originals and renditions count until they are erased, even while they are hidden', async () => {
  const { tenant, sessionId, shoot, announce } = await startShooting(database);
  const bytes = async () => (await tenant.read(getUsage)).stored_bytes;
  const outcome = measured();
  if (outcome.kind !== 'measured') throw new Error('not measured');
  const rendition = { kind: 'thumbnail', width: 150, format: 'jpeg', sizeBytes: 200 } as const;
  const first = await announce(angle(0));
  const storageKey = first.storageKey.replace('.jpg', '_150.jpg');
  await first.complete({ ...outcome, renditions: [{ ...rendition, storageKey }] });
  expect(await bytes()).toBe(1_200);
  await shoot(angle(90));
  expect(await bytes()).toBe(2_200);
  const { rows } = await database.admin.query<{ sum: string }>(
    `select sum(size_bytes) from (select size_bytes from uploads where session_id = $1
       union all select r.size_bytes from renditions r join images i on i.id = r.image_id where i.session_id = $1) as all_of_it`,
    [sessionId],
  );
  expect(Number(rows[0]?.sum)).toBe(2_200);

  const past = { eraseAfter: new Date(Date.now() - 1_000), confirmed: true };
  await tenant.transact((tx) => eraseSession(tx, sessionId, past, { type: 'system' }));
  expect(await bytes()).toBe(2_200);
  const due = await database.admin.query<{ id: string }>('select id from deletions where entity_id = $1', [sessionId]);
  expect(await tenant.transact((tx) => eraseRows(tx, due.rows[0]?.id ?? ''))).toBe(true);
  expect(await bytes()).toBe(0);
});

test('many connections that count at once lose nothing', async () => {
  const { tenant, announce } = await startShooting(database, { studio360: { frame_count: 24 } });
  const uploads = [];
  for (let k = 0; k < 24; k++) uploads.push(await announce(angle(15 * k)));
  // As many at once as an organization may have connections in the API.
  const queue = uploads.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const { complete } of queue) await complete();
    }),
  );
  expect((await tenant.read(getUsage)).stored_bytes).toBe(24_000);
});

test('a session whose transaction started before midnight does not restart the count of the new day', async () => {
  const { orgId } = await database.makeOrg();
  const tenant = database.store.forOrg(orgId, 'all');
  await tenant.transact((tx) => setQuotas(tx, { quota_sessions_per_day: 3 }, { type: 'system' }));
  const start = () => tenant.transact(countSession);
  expect([await start(), await start()]).toEqual([null, null]);
  // As if midnight had passed for the two sessions, but not yet for the next transactions.
  const { rows } = await database.admin.query(
    `update session_days set day = day + 1 where org_id = $1 returning day::text`,
    [orgId],
  );
  expect(await tenant.read(getUsage)).toMatchObject({ sessions_today: 2 });
  expect(await start()).toBeNull();
  expect(await start()).toMatchObject({ failure: 'session_quota_reached' });
  const counted = 'select day::text, n from session_days where org_id = $1';
  expect((await database.admin.query(counted, [orgId])).rows).toEqual([{ ...rows[0], n: 3 }]);
});

test('the next day starts at zero', async () => {
  const { orgId } = await database.makeOrg();
  const tenant = database.store.forOrg(orgId, 'all');
  await tenant.transact((tx) => setQuotas(tx, { quota_sessions_per_day: 1 }, { type: 'system' }));
  expect(await tenant.transact(countSession)).toBeNull();
  await database.admin.query('update session_days set day = day - 1 where org_id = $1', [orgId]);
  expect(await tenant.read(getUsage)).toMatchObject({ sessions_today: 0 });
  expect(await tenant.transact(countSession)).toBeNull();
  expect(await tenant.transact(countSession)).toMatchObject({ failure: 'session_quota_reached' });
});

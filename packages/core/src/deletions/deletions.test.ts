import { defaultShotList, isFailure, type SessionId, type SiteId, type VehicleId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getImage } from '../images/list-images.ts';
import { publishImage } from '../images/publish-images.ts';
import { reserveImage } from '../images/reserve-images.ts';
import { listSessions } from '../sessions/list-sessions.ts';
import { createSession, getSession } from '../sessions/sessions.ts';
import { angle, startShooting, untilSomebodyWaits } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { claimUnfinishedUploads } from '../uploads/claim-unfinished-uploads.ts';
import { confirmUpload } from '../uploads/confirm-upload.ts';
import { findVehicles } from '../vehicles/find-vehicles.ts';
import type { Erasure } from './deletion.ts';
import { eraseOrganization } from './erase-organization.ts';
import { eraseSession, restoreSession } from './erase-session.ts';
import { eraseVehicle, restoreVehicle } from './erase-vehicle.ts';
import { claimDeletion, eraseRows, listDueDeletions } from './work-deletions.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const system = { type: 'system' as const };
const later = (ms = 600_000) => ({ eraseAfter: new Date(Date.now() + ms), confirmed: true });

type Shooting = Awaited<ReturnType<typeof startShooting>>;

const eraseIt = ({ tenant, sessionId }: Shooting, options = later()) =>
  tenant.transact((tx) => eraseSession(tx, sessionId, options, system));
const vehicleOf = async ({ sessionId }: Shooting): Promise<VehicleId> =>
  (await database.admin.query('select vehicle_id from sessions where id = $1', [sessionId])).rows[0].vehicle_id;
const listed = ({ tenant }: Shooting) =>
  tenant.read((tx) => listSessions(tx, {}, { limit: 10, offset: 0 })).then(({ items, total }) => [items.length, total]);

test('an erased session disappears everywhere at once, and a restored one has all its data again', async () => {
  const shooting = await startShooting(database);
  const { tenant, shoot, announce, sessionId, list, session } = shooting;
  const image = await shoot(angle(0));
  const awaited = await announce(angle(90));
  const before = { session: await session(), images: (await list()).items };

  expect(await eraseIt(shooting)).toMatchObject({ erasure: { photos: 2 } });
  expect(await tenant.read((tx) => getSession(tx, sessionId))).toBeUndefined();
  expect(await tenant.read((tx) => getImage(tx, image))).toBeUndefined();
  expect((await list()).total).toBe(0);
  expect(await listed(shooting)).toEqual([0, 0]);
  const expiresAt = new Date(Date.now() + 60_000);
  const frame = { sessionId, kind: 'original', slot: angle(180), contentType: 'image/jpeg' } as const;
  expect(await reserveImage(tenant, { ...frame, sha256: 'a'.repeat(64), expiresAt })).toMatchObject({
    failure: 'session_not_found',
  });
  expect(await tenant.transact((tx) => confirmUpload(tx, awaited.id, 'original'))).toMatchObject({
    failure: 'image_not_found',
  });
  const query = { overdueBefore: expiresAt, expiredBefore: expiresAt, claimMs: 1_000, limit: 10 };
  expect(await tenant.transact((tx) => claimUnfinishedUploads(tx, query))).toEqual([]);
  await expect(awaited.store()).resolves.toEqual({ kind: 'no_such_session' });

  await tenant.transact((tx) => restoreSession(tx, sessionId, system));
  expect(await session()).toEqual(before.session);
  expect((await list()).items).toEqual(before.images);
  expect(await listed(shooting)).toEqual([1, 1]);
});

test('a repeated erasure or restoration changes nothing', async () => {
  const shooting = await startShooting(database);
  const first = await eraseIt(shooting);
  expect(await eraseIt(shooting, later(3_600_000))).toEqual(first);
  const restore = () => shooting.tenant.transact((tx) => restoreSession(tx, shooting.sessionId, system));
  expect(await restore()).toEqual(await restore());
});

test('active sessions and published photos are erased only after confirmation, and the refusal says why', async () => {
  const shooting = await startShooting(database);
  const { tenant, shoot, become, userId, sessionId } = shooting;
  const image = await shoot(angle(0));
  const unconfirmed = () => eraseIt(shooting, { ...later(), confirmed: false });
  expect(await unconfirmed()).toMatchObject({ failure: 'erasure_unconfirmed', detail: 'The session is active.' });
  await become('completed');
  await tenant.transact((tx) => publishImage(tx, image, { userId, override: false, preview: false }));
  expect(await unconfirmed()).toMatchObject({
    failure: 'erasure_unconfirmed',
    detail: 'Published photos: 1.',
  });
  const vehicle = await vehicleOf(shooting);
  const eraseTheVehicle = (confirmed: boolean) =>
    tenant.transact((tx) => eraseVehicle(tx, vehicle, { ...later(), confirmed }, system));
  expect(await eraseTheVehicle(false)).toMatchObject({ failure: 'erasure_unconfirmed' });
  expect(await tenant.read((tx) => getSession(tx, sessionId))).toBeDefined();
  expect(await eraseTheVehicle(true)).toMatchObject({ erasure: { photos: 1 } });
});

test('a session that is being created while its vehicle is erased is erased, too', async () => {
  const shooting = await startShooting(database);
  const { tenant, siteIds, by } = shooting;
  const vehicle = await vehicleOf(shooting);
  let created: (id: SessionId) => void = () => undefined;
  let commit: () => void = () => undefined;
  const wasCreated = new Promise<SessionId>((resolve) => {
    created = resolve;
  });
  const mayCommit = new Promise<void>((resolve) => {
    commit = resolve;
  });
  const shotList = defaultShotList('stills');
  const creating = tenant.transact(async (tx) => {
    const wanted = { siteId: siteIds[0], vehicle: { stock: 'S1' }, mode: 'stills', shotList, by } as const;
    const made = await createSession(tx, wanted);
    if (isFailure(made)) throw new Error(made.failure);
    created(made.session.id);
    await mayCommit;
    return made;
  });
  const id = await wasCreated;
  const erasing = tenant.transact((tx) => eraseVehicle(tx, vehicle, later(), system));
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(async () => (await database.admin.query(waiting)).rowCount).toBe(1);
  commit();
  await creating;
  expect(await erasing).toMatchObject({ erasure: { photos: 0 } });
  const { rows } = await database.admin.query('select deletion_id from sessions where id = $1', [id]);
  expect(rows).toEqual([{ deletion_id: expect.any(String) }]);
  // The next session of the car gets a new vehicle.
  const again = { siteId: siteIds[0], vehicle: { stock: 'S1' }, mode: 'stills', shotList, by } as const;
  expect(await tenant.transact((tx) => createSession(tx, again))).toMatchObject({ created: true });
  expect(await tenant.read((tx) => findVehicles(tx, 'S1', 10))).toHaveLength(1);
});

test('a vehicle is erased with its sessions, frees its numbers, and can be restored unless another vehicle has them', async () => {
  const shooting = await startShooting(database);
  const { tenant, siteIds, by, sessionId, shoot } = shooting;
  await shoot(angle(0));
  const vehicle = await vehicleOf(shooting);
  const erase = () => tenant.transact((tx) => eraseVehicle(tx, vehicle, later(), system));
  const restore = () => tenant.transact((tx) => restoreVehicle(tx, vehicle, system));
  expect(await erase()).toMatchObject({ erasure: { photos: 1 } });
  expect(await erase()).toMatchObject({ erasure: { photos: 1 } });
  expect(await tenant.read((tx) => findVehicles(tx, 'S1', 10))).toEqual([]);
  expect(await tenant.transact((tx) => restoreSession(tx, sessionId, system))).toMatchObject({
    failure: 'session_not_found',
  });
  expect(await restore()).toMatchObject({ vehicle: { id: vehicle, stock: 'S1' } });
  expect(await listed(shooting)).toEqual([1, 1]);

  await erase();
  const again = {
    siteId: siteIds[0],
    vehicle: { stock: 'S1' },
    mode: 'studio360',
    shotList: { studio360: { frame_count: 4 } },
  };
  const made = await tenant.transact((tx) => createSession(tx, { ...again, mode: 'studio360', by }));
  expect(made).toMatchObject({ created: true });
  expect(await restore()).toMatchObject({ failure: 'vehicle_conflict' });
});

test('nothing is deleted too early, even if a worker requests it', async () => {
  const shooting = await startShooting(database);
  await eraseIt(shooting);
  const { rows } = await database.admin.query('select id from deletions where entity_id = $1', [shooting.sessionId]);
  expect((await listDueDeletions(database.store, 100)).map(({ id }) => id)).not.toContain(rows[0].id);
  expect(await shooting.tenant.transact((tx) => claimDeletion(tx, rows[0].id, 1_000))).toBeUndefined();
  await expect(shooting.tenant.transact((tx) => eraseRows(tx, rows[0].id))).rejects.toThrow(/no deletion .* is due/);
});

test('the id of an erased session cannot be used again at any site', async () => {
  const shooting = await startShooting(database);
  const { orgId, tenant, sessionId, siteIds, by } = shooting;
  await eraseIt(shooting, later(0));
  const { rows } = await database.admin.query('select id from deletions where entity_id = $1', [sessionId]);
  expect(await tenant.transact((tx) => eraseRows(tx, rows[0].id))).toBe(true);
  const shotList = { studio360: { frame_count: 4 } };
  const createAt = (siteId: SiteId, caller = tenant) => {
    const same = { id: sessionId, siteId, vehicle: { stock: 'S1' }, mode: 'studio360' as const, shotList, by };
    return caller.transact((tx) => createSession(tx, same));
  };
  const refused = { failure: 'session_conflict', detail: 'It was erased.' };
  for (const siteId of siteIds) expect(await createAt(siteId)).toEqual(refused);
  const elsewhere = database.store.forOrg(orgId, [siteIds[1] as SiteId]);
  expect(await createAt(siteIds[1] as SiteId, elsewhere)).toEqual({ failure: 'session_conflict', detail: undefined });
  expect(await tenant.transact((tx) => restoreSession(tx, sessionId, system))).toMatchObject({
    failure: 'session_not_found',
  });
});

test('the id of a session cannot be used again while the session is being deleted', async () => {
  const shooting = await startShooting(database);
  const { tenant, sessionId, siteIds, by } = shooting;
  await eraseIt(shooting, later(0));
  const { rows } = await database.admin.query('select id from deletions where entity_id = $1', [sessionId]);
  const shotList = { studio360: { frame_count: 4 } };
  const same = {
    id: sessionId,
    siteId: siteIds[1] as SiteId,
    vehicle: { stock: 'S1' },
    mode: 'studio360' as const,
    shotList,
    by,
  };
  let creating: Promise<unknown> = Promise.resolve();
  await tenant.transact(async (tx) => {
    await eraseRows(tx, rows[0].id);
    creating = tenant.transact((other) => createSession(other, same));
    await untilSomebodyWaits(database);
  });
  expect(await creating).toMatchObject({ failure: 'session_conflict', detail: 'It was erased.' });
});

test.each(['session', 'vehicle'])(
  'a %s can be erased although the id of the session was erased before at another site',
  async (kind) => {
    const shooting = await startShooting(database);
    const { orgId, siteIds, sessionId, tenant } = shooting;
    await database.admin.query(
      `insert into deletions (org_id, id, kind, entity_id, site_id, state, erase_after, next_try_at)
       values ($1, gen_random_uuid(), 'session', $2, $3, 'done', now(), now())`,
      [orgId, sessionId, siteIds[1]],
    );
    const vehicle = await vehicleOf(shooting);
    const erase = () =>
      kind === 'session' ? eraseIt(shooting) : tenant.transact((tx) => eraseVehicle(tx, vehicle, later(), system));
    expect(await erase()).toMatchObject({ erasure: { photos: 0 } });
    expect(await listed(shooting)).toEqual([0, 0]);
  },
);

async function eraseWhole({ orgId, tenant }: Shooting, eraseAfter: Date): Promise<Erasure> {
  const { rows } = await database.admin.query('select name from organizations where id = $1', [orgId]);
  const outcome = await tenant.transact((tx) => eraseOrganization(tx, { name: rows[0].name, eraseAfter }, system));
  if (isFailure(outcome)) throw new Error(outcome.failure);
  return outcome.erasure;
}

test.each(['processed', 'hidden', 'erased'])(
  'an organization is erased only after all upload URLs have expired, also of a photo that is %s',
  async (state) => {
    const shooting = await startShooting(database);
    const expiresAt = new Date(Date.now() + 900_000);
    const photo = await shooting.announce(angle(0), { expiresAt });
    await photo.complete();
    if (state !== 'processed') await eraseIt(shooting, later(0));
    if (state === 'erased') {
      const { rows } = await database.admin.query('select id from deletions where org_id = $1', [shooting.orgId]);
      await shooting.tenant.transact((tx) => eraseRows(tx, rows[0].id));
    }
    const { photos, eraseAfter } = await eraseWhole(shooting, later().eraseAfter);
    expect(photos).toBe(state === 'erased' ? 0 : 1);
    // An upload that started with the last URL may take another ten minutes.
    expect(eraseAfter).toEqual(new Date(expiresAt.getTime() + 600_000));
  },
);

test('an erasure waits for the last URL of a photo, even if the URL was signed after the photo was processed', async () => {
  const shooting = await startShooting(database);
  const { tenant, sessionId } = shooting;
  const sha256 = 'b'.repeat(64);
  const frame = { sessionId, kind: 'original', slot: angle(0), contentType: 'image/jpeg', sha256 } as const;
  const first = await reserveImage(tenant, { ...frame, expiresAt: new Date(Date.now() + 60_000) });
  if (isFailure(first)) throw new Error(first.failure);
  await database.admin.query(`update uploads set state = 'processed' where image_id = $1`, [first.id]);
  const expiresAt = new Date(Date.now() + 900_000);
  await reserveImage(tenant, { ...frame, expiresAt });
  const { rows } = await database.admin.query('select state, expires_at from uploads where image_id = $1', [first.id]);
  expect(rows).toEqual([{ state: 'processed', expires_at: expiresAt }]);
  expect((await eraseWhole(shooting, new Date())).eraseAfter.getTime()).toBeGreaterThan(expiresAt.getTime());
});

test('a large organization is deleted in steps', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const { admin, store } = database;
  await admin.query(
    `with org as (select set_config('app.org_id', $1, true))
     insert into vehicles (org_id, id, site_id, stock)
     select $1::uuid, gen_random_uuid(), $2::uuid, 'S' || n from org, generate_series(1, 2001) n`,
    [orgId, siteIds[0]],
  );
  await admin.query(
    `insert into deletions (org_id, id, kind, entity_id, site_id, state, erase_after, next_try_at)
     select $1::uuid, gen_random_uuid(), 'session', gen_random_uuid(), $2::uuid, 'done', now(), now() from generate_series(1, 2001)`,
    [orgId, siteIds[0]],
  );
  const tenant = store.forOrg(orgId, 'all');
  const { name } =
    (await admin.query<{ name: string }>('select name from organizations where id = $1', [orgId])).rows[0] ?? {};
  await tenant.transact((tx) => eraseOrganization(tx, { name: name ?? '', eraseAfter: new Date(0) }, system));
  const sql = "select id from deletions where org_id = $1 and kind = 'organization'";
  const id = (await admin.query<{ id: string }>(sql, [orgId])).rows[0]?.id ?? '';
  const left: number[] = [];
  const step = async () => {
    const done = await tenant.transact((tx) => eraseRows(tx, id));
    const counts =
      'select (select count(*) from vehicles where org_id = $1) + (select count(*) from deletions where org_id = $1) as n';
    left.push(Number((await admin.query<{ n: string }>(counts, [orgId])).rows[0]?.n));
    return done;
  };
  while (!(await step()));
  // 2,001 vehicles, 2,001 earlier deletions and the deletion of the organization.
  expect(left).toEqual([4_003 - 2_000, 4_003 - 4_001, 0]);
  expect((await admin.query('select from organizations where id = $1', [orgId])).rows).toEqual([]);
});

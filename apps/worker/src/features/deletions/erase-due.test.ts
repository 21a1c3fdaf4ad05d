import { isFailure, type OrgId, type UserId, type VehicleId } from '@spinbay/contracts';
import { createShotList, eraseOrganization, eraseSession, eraseUser, eraseVehicle } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { detailedFrame, never, quiet, startTestStack, type TestSession, type TestStack } from '../../testing.ts';
import { eraseDue } from './erase-due.ts';
import { removeLatePhotos } from './remove-late-photos.ts';
import type { DeletionDeps } from './remove-objects.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const system = { type: 'system' as const };
const now = () => ({ eraseAfter: new Date(), confirmed: true });
const query = async <Row>(text: string, values: unknown[] = []) =>
  (await stack.database.admin.query(text, values)).rows as Row[];
const work = (over: Partial<DeletionDeps> = {}, log = quiet) => eraseDue({ ...stack.deps, ...over }, never, log);
/** Makes all deletions due, as if their leases and the last upload URLs had expired. */
const passTime = () => stack.database.admin.query(`update deletions set next_try_at = now() where state <> 'done'`);
const objectsOf = ({ orgId }: TestSession) => stack.objects.list(`org/${orgId}/`);

let seed = 100;
/** A session with two measured photos, each with its thumbnails. */
async function shoot(): Promise<TestSession & { vehicleId: VehicleId }> {
  const session = await stack.newSession();
  for (const slot of ['angle_000.jpg', 'angle_015.jpg']) await session.upload(await detailedFrame(seed++), slot);
  await stack.runOnce();
  const [row] = await query<{ vehicle_id: VehicleId }>('select vehicle_id from sessions where id = $1', [
    session.sessionId,
  ]);
  if (row === undefined) throw new Error('no session');
  expect(await objectsOf(session)).toHaveLength(8);
  return { ...session, vehicleId: row.vehicle_id };
}

/** All tables that contain a text, in rows of any organization. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
  );
  const found = [];
  for (const { name } of tables) {
    const rows = await query(`select from ${name} t where strpos(to_jsonb(t)::text, $1) > 0 limit 1`, [text]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

/** A log that collects its lines. */
function recordingLog() {
  const lines: string[] = [];
  const write = (...said: unknown[]) => void lines.push(JSON.stringify(said));
  const log = { info: write, warn: write, error: write, debug: write } as unknown as Logger;
  return { log, lines };
}

const fill = ({ orgId, siteId, sessionId, tenant }: TestSession, entity: string, id: string, meta: object) =>
  tenant.read(async () => {
    await stack.database.admin.query(
      `insert into events (org_id, id, entity_type, entity_id, type, message, meta, actor_type, reported)
       select $1, gen_random_uuid(), $2, $3, 'test', $4, $5, 'system', r from unnest(array[true, false]) r`,
      [orgId, entity, id, `words about ${siteId} ${sessionId}`, JSON.stringify(meta)],
    );
  });

test('an erased session leaves no row, object, rendition or text, only ids', async () => {
  const [session, other] = [await shoot(), await shoot()];
  const photos = await session.images();
  await fill(session, 'session', session.sessionId, { seen: 'SECRET-WORD' });
  const others = await objectsOf(other);
  const { log, lines } = recordingLog();
  await session.tenant.transact((tx) => eraseSession(tx, session.sessionId, now(), system));
  await work({}, log);

  expect(await objectsOf(session)).toEqual([]);
  // The tombstone remains, and the audit log, which records who erased what.
  expect(await tablesWith(session.sessionId)).toEqual(expect.arrayContaining(['deletions', 'events']));
  expect((await tablesWith(session.sessionId)).length).toBe(2);
  for (const { id, hash_sha256 } of photos) {
    expect((await tablesWith(id)).filter((table) => table !== 'events')).toEqual([]);
    expect(await tablesWith(String(hash_sha256))).toEqual([]);
  }
  expect(await tablesWith('SECRET-WORD')).toEqual([]);
  expect(lines.join('')).not.toMatch(/SECRET-WORD|A1/);
  expect(await objectsOf(other)).toEqual(others);
  expect(await other.images()).toHaveLength(2);
});

test('an erased vehicle leaves neither its numbers nor any photo', async () => {
  const session = await shoot();
  await session.tenant.transact((tx) => eraseVehicle(tx, session.vehicleId, now(), system));
  await stack.database.admin.query(`update vehicles set stock = 'UNIQUE-STOCK' where id = $1`, [session.vehicleId]);
  await fill(session, 'vehicle', session.vehicleId, { stock: { from: 'UNIQUE-STOCK', to: 'B' } });
  await work();
  expect(await objectsOf(session)).toEqual([]);
  expect(await tablesWith('UNIQUE-STOCK')).toEqual([]);
  expect((await tablesWith(session.vehicleId)).sort()).toEqual(['deletions', 'events']);
});

test('an erased person leaves no name and no address, and their actions are anonymous', async () => {
  const session = await shoot();
  const { orgId, tenant } = session;
  const [user] = await query<{ id: UserId; email: string }>(
    `update users set email = 'petra.person@dealer.test', name = 'Petra Person' where org_id = $1 and role = 'reviewer' returning id, email`,
    [orgId],
  );
  if (user === undefined) throw new Error('no reviewer');
  await fill(session, 'user', user.id, { email: user.email, name: 'Petra Person' });
  await tenant.transact((tx) => eraseUser(tx, user.id, system));
  expect(await tablesWith('petra.person')).toEqual([]);
  expect(await tablesWith('Petra Person')).toEqual([]);
  expect(await query('select name, disabled_at is null as active from users where id = $1', [user.id])).toEqual([
    { name: 'Erased person', active: false },
  ]);
});

test('the last administrator cannot be erased', async () => {
  const { orgId, tenant } = await stack.newSession();
  const [admin] = await query<{ id: UserId }>(`select id from users where org_id = $1 and role = 'admin'`, [orgId]);
  expect(await tenant.transact((tx) => eraseUser(tx, admin?.id as UserId, system))).toMatchObject({
    failure: 'last_admin',
  });
});

async function eraseOrg({ orgId, tenant }: { orgId: OrgId; tenant: TestSession['tenant'] }) {
  const [row] = await query<{ name: string }>('select name from organizations where id = $1', [orgId]);
  // Nothing remembers the id after the erasure, so the erasure waits until no more uploads can arrive.
  await stack.database.admin.query(`update uploads set expires_at = now() - interval '1 hour' where org_id = $1`, [
    orgId,
  ]);
  await passTime();
  const outcome = await tenant.transact((tx) =>
    eraseOrganization(tx, { name: row?.name ?? '', eraseAfter: new Date() }, system),
  );
  if (isFailure(outcome)) throw new Error(outcome.failure);
}

test('an erased organization leaves nothing', async () => {
  const session = await shoot();
  const vans = { name: 'Vans', shots: [{ name: 'front', required: true }] };
  await session.tenant.transact((tx) => createShotList(tx, vans, system));
  const erased = await stack.newSession(session);
  const bytes = await detailedFrame(seed++);
  const late = await erased.announce(bytes, 'angle_000.jpg');
  await erased.tenant.transact((tx) => eraseSession(tx, erased.sessionId, now(), system));
  await work();
  await late.put(bytes);
  await stack.runOnce();
  expect(await tablesWith(session.orgId)).toContain('late_photos');
  await eraseOrg(session);
  await work();
  expect(await objectsOf(session)).toEqual([]);
  expect(await tablesWith(session.orgId)).toEqual([]);
});

test('an organization is erased only with its exact name', async () => {
  const { tenant } = await stack.newSession();
  const wrong = { name: 'Somebody else', eraseAfter: new Date() };
  expect(await tenant.transact((tx) => eraseOrganization(tx, wrong, system))).toMatchObject({
    failure: 'organization_name_differs',
  });
});

test('a deletion that cannot be claimed does not stop the others', async () => {
  const [broken, fine] = [await shoot(), await shoot()];
  for (const { tenant, sessionId } of [broken, fine])
    await tenant.transact((tx) => eraseSession(tx, sessionId, now(), system));
  const recover = await stack.failChanges('deletions', 'org_id', broken.orgId);
  await work();
  await recover();
  expect([(await objectsOf(broken)).length, (await objectsOf(fine)).length]).toEqual([8, 0]);
  await work();
  expect(await objectsOf(broken)).toEqual([]);
});

class Killed extends Error {}

test.each([1, 5, 8])(
  'a worker that is killed after %i of 8 objects leaves the rest to the next one',
  async (removed) => {
    const session = await shoot();
    await session.tenant.transact((tx) => eraseSession(tx, session.sessionId, now(), system));
    let left = removed;
    const stopping = new AbortController();
    const objects: DeletionDeps['objects'] = {
      // This includes a kill between the last object and the rows.
      list: (prefix, options) => (left === 0 ? Promise.reject(new Killed()) : stack.objects.list(prefix, options)),
      remove: async (key) => {
        if (left === 0) {
          stopping.abort(new Killed());
          throw new Killed();
        }
        left -= 1;
        // Without the signal, so that deletions that were sent before the kill complete.
        await stack.objects.remove(key);
      },
    };
    await eraseDue({ ...stack.deps, objects }, stopping.signal, quiet).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    await expect.poll(async () => (await objectsOf(session)).length).toBe(8 - removed);
    expect(await query('select from images where session_id = $1', [session.sessionId])).toHaveLength(2);
    // No other worker continues before the lease ends.
    await work();
    expect(await query('select from images where session_id = $1', [session.sessionId])).toHaveLength(2);
    await passTime();
    await work();
    expect(await objectsOf(session)).toEqual([]);
    expect(await query('select from images where session_id = $1', [session.sessionId])).toEqual([]);
  },
);

test('a photo that arrives for an erased session is removed, even without an event', async () => {
  const session = await shoot();
  const [withEvent, withoutEvent] = [await detailedFrame(seed++), await detailedFrame(seed++)];
  const late = await session.announce(withEvent, 'angle_030.jpg');
  const silent = await session.announce(withoutEvent, 'angle_045.jpg');
  await session.tenant.transact((tx) => eraseSession(tx, session.sessionId, now(), system));
  await work();
  await late.put(withEvent);
  expect(await objectsOf(session)).toHaveLength(1);
  await stack.runOnce();
  await removeLatePhotos(stack.deps, never, quiet);
  expect(await objectsOf(session)).toEqual([]);
  await silent.put(withoutEvent);
  await stack.purge();
  await passTime();
  await work();
  expect(await objectsOf(session)).toEqual([]);
  const state = () => query('select state from deletions where entity_id = $1', [session.sessionId]);
  expect(await state()).toEqual([{ state: 'done' }]);
  // The last upload began while its URL was still valid.
  await late.put(withEvent);
  await stack.runOnce();
  await removeLatePhotos(stack.deps, never, quiet);
  expect(await objectsOf(session)).toEqual([]);
  expect(await state()).toEqual([{ state: 'done' }]);
});

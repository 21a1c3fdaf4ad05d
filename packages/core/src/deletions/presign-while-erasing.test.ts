import { afterAll, beforeAll, expect, test } from 'vitest';
import { reserveImage } from '../images/reserve-images.ts';
import { lockSession } from '../sessions/lock-session.ts';
import { CallerRefused } from '../store/faults.ts';
import { angle, startShooting, untilSomebodyWaits } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { eraseOrganization } from './erase-organization.ts';
import { eraseSession } from './erase-session.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const system = { type: 'system' as const };

async function start() {
  const shooting = await startShooting(database);
  const { orgId, tenant, by, sessionId } = shooting;
  const device = database.store.forCaller({ type: 'device', id: by.id, orgId });
  const { rows } = await database.admin.query('select name from organizations where id = $1', [orgId]);
  const frame = { sessionId, kind: 'original', slot: angle(0), contentType: 'image/jpeg' } as const;
  return {
    ...shooting,
    presign: (expiresAt: Date) => reserveImage(device, { ...frame, sha256: 'a'.repeat(64), expiresAt }),
    eraseOrganization: () =>
      tenant.transact((tx) => eraseOrganization(tx, { name: rows[0].name, eraseAfter: new Date() }, system)),
    eraseSession: () =>
      tenant.transact((tx) => eraseSession(tx, sessionId, { eraseAfter: new Date(), confirmed: true }, system)),
    /** Makes each presign of the session wait until `release`. */
    holdSession: () =>
      hold((held) =>
        tenant.transact(async (tx) => {
          await lockSession(tx, sessionId);
          await held();
        }),
      ),
  };
}

/** Runs a transaction that stays open until `release`. */
async function hold(transaction: (held: () => Promise<void>) => Promise<void>) {
  let end: () => void = () => undefined;
  const mayEnd = new Promise<void>((resolve) => {
    end = resolve;
  });
  let running = Promise.resolve();
  await new Promise<void>((begin, reject) => {
    running = transaction(() => {
      begin();
      return mayEnd;
    });
    running.catch(reject);
  });
  return {
    release: () => {
      end();
      return running;
    },
  };
}

/** The number of statements that wait for a lock. */
async function waiting() {
  const sql = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return (await database.admin.query(sql)).rowCount;
}

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);

test('no upload is announced in an organization that was erased after the access check of the presign', async () => {
  const { holdSession, presign, eraseOrganization, orgId } = await start();
  const session = await holdSession();
  const presigned = presign(inMinutes(15)).catch((error: unknown) => error);
  await untilSomebodyWaits(database);
  expect(await eraseOrganization()).toMatchObject({ erasure: { photos: 0 } });
  await session.release();
  expect(await presigned).toBeInstanceOf(CallerRefused);
  expect((await database.admin.query('select from uploads where org_id = $1', [orgId])).rows).toEqual([]);
});

test('the erasure of an organization waits for a presign in progress, and then for its URL', async () => {
  const { presign, eraseOrganization, orgId, sessionId } = await start();
  // Blocks the presign at its last statements.
  const slots = await database.admin.connect();
  await slots.query('begin');
  await slots.query('select from slots where session_id = $1 for update', [sessionId]);
  const expiresAt = inMinutes(15);
  const presigned = presign(expiresAt);
  await untilSomebodyWaits(database);
  let isErased = false;
  const erasing = eraseOrganization().finally(() => {
    isErased = true;
  });
  await expect.poll(async () => isErased || (await waiting()) === 2).toBe(true);
  await slots.query('rollback');
  slots.release();
  await presigned;
  expect(await erasing).toMatchObject({ erasure: { photos: 1, eraseAfter: new Date(expiresAt.getTime() + 600_000) } });
  expect((await database.admin.query('select from uploads where org_id = $1', [orgId])).rowCount).toBe(1);
});

test('no upload is announced in a session that was erased after the access check of the presign', async () => {
  const { holdSession, presign, eraseSession } = await start();
  const session = await holdSession();
  const erasing = eraseSession();
  await untilSomebodyWaits(database);
  const presigned = presign(inMinutes(15));
  await expect.poll(waiting).toBe(2);
  await session.release();
  expect(await erasing).toMatchObject({ erasure: { photos: 0 } });
  expect(await presigned).toMatchObject({ failure: 'session_not_found' });
});

test('a slower request with an earlier URL does not shorten the time that an erasure waits', async () => {
  const { presign, eraseOrganization } = await start();
  const expiresAt = inMinutes(15);
  await presign(expiresAt);
  await presign(inMinutes(14));
  expect(await eraseOrganization()).toMatchObject({
    erasure: { eraseAfter: new Date(expiresAt.getTime() + 600_000) },
  });
});

import { createHash } from 'node:crypto';
import { type DeviceId, isFailure, type OrgId, parseStorageKey, type SessionId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revokeDevice } from '../identity/administer-devices.ts';
import { enrolDevice } from '../identity/devices.ts';
import { completeImage } from '../images/complete-image.ts';
import { reserveImage } from '../images/reserve-images.ts';
import { createSession } from '../sessions/sessions.ts';
import { measured } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { storedUpload, uploadProgress } from './stored-upload.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const sha256 = createHash('sha256').update('photo').digest('hex');

async function enrol(orgId: OrgId): Promise<DeviceId> {
  const device = await enrolDevice(database.store, orgId, { platform: 'test', model: 'Test', appVersion: '1' });
  if (isFailure(device)) throw new Error(device.failure);
  return device.deviceId as DeviceId;
}

const partsOf = (storageKey: string) => {
  const parts = parseStorageKey(storageKey);
  if (parts === null) throw new Error(storageKey);
  return parts;
};

/** An organization with two devices. */
async function start() {
  const { orgId, siteIds } = await database.makeOrg();
  const [one, two] = [await enrol(orgId), await enrol(orgId)];
  const tenant = database.store.forOrg(orgId, 'all');
  return {
    ...{ orgId, one, two, tenant },
    newSession: async (stock: string) => {
      const wanted = { siteId: siteIds[0], vehicle: { stock }, mode: 'studio360' } as const;
      const shotList = { studio360: { frame_count: 24 } };
      const made = await tenant.transact((tx) =>
        createSession(tx, { ...wanted, shotList, by: { type: 'device', id: one } }),
      );
      if (isFailure(made)) throw new Error(made.failure);
      return made.session.id;
    },
    announce: async (id: DeviceId, sessionId: SessionId) => {
      const device = database.store.forCaller({ type: 'device', id, orgId });
      const image = await reserveImage(device, {
        sessionId,
        kind: 'original',
        slot: { angle_deg: 0, shot_name: null },
        contentType: 'image/jpeg',
        sha256,
        expiresAt: new Date(Date.now() + 3_600_000),
      });
      if (isFailure(image)) throw new Error(image.failure);
      return image.storageKey;
    },
    arrive: (storageKey: string, storedAt: Date) =>
      tenant.transact((tx) =>
        storedUpload(tx, partsOf(storageKey), {
          storageKey,
          contentType: 'image/jpeg',
          sha256,
          sizeBytes: 5,
          slot: { angle_deg: null, shot_name: null },
          storedAt,
          workStartedAt: new Date(),
        }),
      ),
    revoke: (id: DeviceId) => tenant.transact((tx) => revokeDevice(tx, id, { type: 'system' })),
    rows: async () => {
      const sql = `select to_jsonb(i) as image, to_jsonb(u) - 'expires_at' as upload
        from images i join uploads u on u.image_id = i.id where i.org_id = $1`;
      return (await database.admin.query(sql, [orgId])).rows;
    },
  };
}

const inSeconds = (seconds: number) => new Date(Date.now() + 1_000 * seconds);

test('a photo that arrives by a URL of a revoked device is not accepted; another device can send it', async () => {
  const { one: lost, two: found, tenant, newSession, announce, arrive, revoke, rows } = await start();
  const session = await newSession('S1');
  const key = await announce(lost, session);
  const beforeRevocation = inSeconds(-60);
  await revoke(lost);

  expect(await arrive(key, inSeconds(1))).toEqual({ kind: 'device_revoked' });
  expect(await rows()).toMatchObject([{ image: { status: 'expired' } }]);
  expect(await arrive(key, inSeconds(1))).toEqual({ kind: 'device_revoked' });
  expect(await tenant.read((tx) => uploadProgress(tx, key, partsOf(key)))).toMatchObject({ state: 'unfinished' });

  // The same phone, enrolled again, still has the photo.
  expect(await announce(found, session)).toBe(key);
  expect(await arrive(key, inSeconds(1))).toMatchObject({ kind: 'stored', bytesAsAnnounced: true });

  // What arrived before the revocation counts, even if a worker finds it later.
  const early = await announce(found, await newSession('S2'));
  await revoke(found);
  expect(await arrive(early, beforeRevocation)).toMatchObject({ kind: 'stored' });
});

test('a URL that a revoked device has for a photo of another device changes nothing after the photo was processed', async () => {
  const { one, two, tenant, newSession, announce, arrive, revoke, rows } = await start();
  const session = await newSession('S1');
  const key = await announce(one, session);
  await arrive(key, inSeconds(0));
  await tenant.transact((tx) => completeImage(tx, partsOf(key), measured()));
  expect(await announce(two, session)).toBe(key);
  const before = await rows();
  await revoke(two);
  expect(await arrive(key, inSeconds(1))).toEqual({ kind: 'already_done' });
  expect(await rows()).toEqual(before);
});

test.each(['one', 'two'] as const)(
  'a photo that has arrived is processed even if device %s, which has a URL for it, is revoked and sends it again',
  async (revoked) => {
    const shooting = await start();
    const { one, two, tenant, newSession, announce, arrive, revoke, rows } = shooting;
    const session = await newSession('S1');
    const key = await announce(one, session);
    expect(await arrive(key, inSeconds(0))).toMatchObject({ kind: 'stored' });
    expect(await announce(two, session)).toBe(key);
    await revoke(shooting[revoked]);
    // The worker that recorded its arrival was killed, and the bucket now reports a later time.
    expect(await arrive(key, inSeconds(1))).toMatchObject({ kind: 'stored', bytesAsAnnounced: true });
    await tenant.transact((tx) => completeImage(tx, partsOf(key), measured()));
    expect(await rows()).toMatchObject([{ image: { status: 'processed' }, upload: { state: 'processed' } }]);
  },
);

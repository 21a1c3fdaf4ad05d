import { createHash } from 'node:crypto';
import { type DeviceId, isFailure, type OrgId, parseStorageKey, type SessionId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revokeDevice } from '../identity/administer-devices.ts';
import { enrolDevice } from '../identity/devices.ts';
import { reserveImage } from '../images/reserve-images.ts';
import { createSession } from '../sessions/sessions.ts';
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

test('a photo that arrives by a URL of a revoked device is not accepted; another device can send it', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  const [lost, found] = [await enrol(orgId), await enrol(orgId)];
  const tenant = database.store.forOrg(orgId, 'all');
  const session = await tenant.transact((tx) =>
    createSession(tx, {
      siteId: siteIds[0],
      vehicle: { stock: 'S1' },
      mode: 'studio360',
      shotList: { studio360: { frame_count: 24 } },
      by: { type: 'device', id: lost },
    }),
  );
  if (isFailure(session)) throw new Error(session.failure);
  const announce = async (id: DeviceId, sessionId: SessionId) => {
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
  };
  const partsOf = (storageKey: string) => {
    const parts = parseStorageKey(storageKey);
    if (parts === null) throw new Error(storageKey);
    return parts;
  };
  const arrive = (storageKey: string, storedAt: Date) => {
    return tenant.transact((tx) =>
      storedUpload(tx, partsOf(storageKey), {
        storageKey,
        contentType: 'image/jpeg',
        sha256,
        sizeBytes: 5,
        slot: { angle_deg: null, shot_name: null },
        storedAt,
        workStartedAt: new Date(),
      }),
    );
  };
  const key = await announce(lost, session.session.id);
  const beforeRevocation = new Date(Date.now() - 60_000);
  await tenant.transact((tx) => revokeDevice(tx, lost, { type: 'system' }));

  expect(await arrive(key, new Date(Date.now() + 1_000))).toEqual({ kind: 'device_revoked' });
  const { rows } = await database.admin.query('select status from images where org_id = $1', [orgId]);
  expect(rows).toEqual([{ status: 'expired' }]);
  expect(await arrive(key, new Date(Date.now() + 1_000))).toEqual({ kind: 'device_revoked' });
  expect(await tenant.read((tx) => uploadProgress(tx, key, partsOf(key)))).toMatchObject({ state: 'unfinished' });

  // The same phone, enrolled again, still has the photo.
  expect(await announce(found, session.session.id)).toBe(key);
  expect(await arrive(key, new Date(Date.now() + 1_000))).toMatchObject({ kind: 'stored', bytesAsAnnounced: true });

  // What arrived before the revocation counts, even if a worker finds it later.
  const other = await tenant.transact((tx) =>
    createSession(tx, {
      siteId: siteIds[0],
      vehicle: { stock: 'S2' },
      mode: 'studio360',
      shotList: { studio360: { frame_count: 24 } },
      by: { type: 'device', id: found },
    }),
  );
  if (isFailure(other)) throw new Error(other.failure);
  const early = await announce(found, other.session.id);
  await tenant.transact((tx) => revokeDevice(tx, found, { type: 'system' }));
  expect(await arrive(early, beforeRevocation)).toMatchObject({ kind: 'stored' });
});

import { createHash } from 'node:crypto';
import {
  type DeviceId,
  defaultQcThresholds,
  isFailure,
  parseStorageKey,
  type SessionId,
  type SessionStatus,
  type ShotList,
} from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enrolDevice } from '../identity/devices.ts';
import { completeImage } from '../images/complete-image.ts';
import type { ImageOutcome } from '../images/image-outcome.ts';
import { reserveImage } from '../images/reserve-images.ts';
import { rejudgeNextSession } from '../quality/rejudge-frames.ts';
import { getRejudgement, requestRejudgement } from '../quality/rejudgement.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { expireUpload } from '../uploads/expire-upload.ts';
import { storedUpload } from '../uploads/stored-upload.ts';
import { originalOf } from '../uploads/upload-state.ts';
import { createSession, getSession, updateSession } from './sessions.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const refused: ImageOutcome = { kind: 'rejected', code: 'truncated', message: 'The file ends too early.' };

/** A measured frame whose centre has this brightness. */
function measured(luma: number, status: 'processed' | 'failed' = 'processed'): ImageOutcome {
  const centre = { red: luma, green: luma, blue: luma, luma, clipped_white: 0, clipped_black: 0 };
  return {
    kind: 'measured',
    width: 4032,
    height: 3024,
    exif: {
      iso: null,
      shutter_s: null,
      aperture_f: null,
      focal_length_mm: null,
      taken_at: null,
      orientation: 1,
      make: null,
      model: null,
    },
    qc: {
      sharpness: { score: status === 'failed' ? 50 : 500, status: 'pass' },
      exposure: { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: luma, centre },
    },
    judgeBy: defaultQcThresholds,
    phash: 'c3a5963c5a69d2b4',
    colourGrid: new Uint8Array(768).fill(luma),
    renditions: [],
  };
}

/** A spin of eight slots without frames. */
async function startSpin(shotList: ShotList = { studio360: { frame_count: 8 } }) {
  const { orgId, siteIds } = await database.makeOrg();
  const device = await enrolDevice(database.store, orgId, { platform: 'test', model: 'Test', appVersion: '1' });
  if (isFailure(device)) throw new Error(device.failure);
  const by = { type: 'device' as const, id: device.deviceId as DeviceId };
  const tenant = database.store.forOrg(orgId, 'all');
  const mode = shotList.studio360 === undefined ? ('stills' as const) : ('studio360' as const);
  const made = await tenant.transact((tx) =>
    createSession(tx, { siteId: siteIds[0], vehicle: { stock: 'S1' }, mode, shotList, by }),
  );
  if (isFailure(made)) throw new Error(made.failure);
  const sessionId: SessionId = made.session.id;
  let frames = 0;
  const announce = async (angle: number, expiresAt = new Date(Date.now() + 3_600_000)) => {
    const bytes = `frame ${frames++}`;
    const slot = { angle_deg: angle, shot_name: null };
    const wanted = {
      sessionId,
      kind: 'original' as const,
      slot,
      contentType: 'image/jpeg' as const,
      sha256: sha(bytes),
      expiresAt,
    };
    const image = await reserveImage(tenant, wanted);
    if (isFailure(image)) throw new Error(image.failure);
    const arrived = {
      storageKey: image.storageKey,
      contentType: 'image/jpeg' as const,
      sha256: sha(bytes),
      sizeBytes: 1_000,
      slot,
      storedAt: null,
      workStartedAt: new Date(),
    };
    const parts = parseStorageKey(image.storageKey);
    if (parts === null) throw new Error(`no key: ${image.storageKey}`);
    const complete = (outcome: ImageOutcome) =>
      tenant.transact(async (tx) => {
        await storedUpload(tx, parts, arrived);
        return completeImage(tx, parts, outcome);
      });
    return { id: image.id, complete };
  };
  return {
    orgId,
    tenant,
    announce,
    shoot: async (angle: number, outcome: ImageOutcome) => {
      const { id, complete } = await announce(angle);
      await complete(outcome);
      return id;
    },
    become: async (status: SessionStatus) => {
      const changed = await tenant.transact((tx) => updateSession(tx, sessionId, { status }, by));
      if (isFailure(changed)) throw new Error(changed.failure);
      return changed.session.spin_qc;
    },
    spinQc: async () => (await tenant.read((tx) => getSession(tx, sessionId)))?.spin_qc,
  };
}

test('completing a session compares its frames, and reopening it removes the result', async () => {
  const spin = await startSpin();
  for (let k = 0; k < 6; k++) await spin.shoot(k * 45, measured(100));
  const dark = await spin.shoot(270, measured(40));
  expect(await spin.spinQc()).toBeNull();
  expect(await spin.become('completed')).toMatchObject({
    missing: [315],
    exposure: [{ image_id: dark, angle_deg: 270, stops: expect.closeTo(-2.87, 1) }],
  });
  expect(await spin.spinQc()).toMatchObject({ missing: [315] });
  expect(await spin.become('active')).toBeNull();
  expect(await spin.become('abandoned')).toBeNull();
});

test('a frame that arrives after the completion is also compared; only visible current frames count', async () => {
  const spin = await startSpin();
  for (let k = 0; k < 6; k++) await spin.shoot(k * 45, measured(100));
  const [late, never, again] = [await spin.announce(270), await spin.announce(315), await spin.announce(90)];
  expect(await spin.become('completed')).toMatchObject({ missing: [270, 315], exposure: [] });
  await late.complete(measured(200));
  expect(await spin.spinQc()).toMatchObject({ missing: [315], exposure: [{ image_id: late.id, angle_deg: 270 }] });
  await never.complete(refused);
  expect(await spin.spinQc()).toMatchObject({ missing: [315] });
  await again.complete(measured(30));
  expect(await spin.spinQc()).toMatchObject({ exposure: [{ image_id: again.id, angle_deg: 90 }, { angle_deg: 270 }] });
});

test('frames from before the colour grid are left out of the comparison, and new ones of the same spin are compared', async () => {
  const spin = await startSpin({ studio360: { frame_count: 12 } });
  for (let k = 0; k < 11; k++) await spin.shoot(k * 30, measured(k === 2 || k === 8 ? 40 : 100));
  const last = await spin.announce(330);
  await database.admin.query(
    `update images set colour_grid = null where org_id = $1 and angle_deg < 150 and status = 'processed'`,
    [spin.orgId],
  );
  expect((await spin.become('completed'))?.exposure).toMatchObject([{ angle_deg: 240 }]);
  await database.admin.query('update images set colour_grid = null where org_id = $1', [spin.orgId]);
  await last.complete(measured(100));
  expect(await spin.spinQc()).toMatchObject({ missing: [], exposure: [], repeated: [], step: null });
  // Judging the old frames again compares the spin, too.
  await spin.tenant.transact((tx) => requestRejudgement(tx, { type: 'system' }));
  const strict = { ...defaultQcThresholds, sharpness_fail: 900, sharpness_warn: 900 };
  while ((await spin.tenant.transact((tx) => rejudgeNextSession(tx, strict))) === 'more');
  expect(await spin.tenant.read((tx) => getRejudgement(tx))).toMatchObject({ total: 12, done: 12, changed: 12 });
  expect(await spin.spinQc()).toMatchObject({ missing: [], exposure: [], soft: [], swapped: [] });
});

test('if the upload of a retake does not arrive, the slot shows the first frame again', async () => {
  const spin = await startSpin();
  await spin.shoot(0, measured(100, 'failed'));
  const second = await spin.announce(0, new Date(Date.now() - 1_000));
  expect(await spin.become('completed')).toMatchObject({ missing: [0, 45, 90, 135, 180, 225, 270, 315] });
  await spin.tenant.transact((tx) => expireUpload(tx, originalOf(second.id), new Date()));
  expect((await spin.spinQc())?.missing).not.toContain(0);
});

test('two workers that complete the last frames while somebody completes the session miss no frame', async () => {
  for (let round = 0; round < 8; round++) {
    const spin = await startSpin();
    for (let k = 0; k < 5; k++) await spin.shoot(k * 45, measured(100));
    const last = [await spin.announce(225), await spin.announce(270), await spin.announce(315)];
    await Promise.all([...last.map(({ complete }) => complete(measured(100))), spin.become('completed')]);
    expect(await spin.spinQc()).toMatchObject({ missing: [] });
  }
});

test('a session without a spin has no spin figures', async () => {
  const stills = await startSpin({ stills: [{ name: 'front', required: true }] });
  expect(await stills.become('completed')).toBeNull();
});

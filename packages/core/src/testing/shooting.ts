import { createHash } from 'node:crypto';
import {
  type DeviceId,
  defaultQcThresholds,
  type ImageId,
  isFailure,
  parseStorageKey,
  type SessionId,
  type SessionStatus,
  type ShotList,
  type Slot,
  type UploadKind,
  type UserId,
} from '@spinbay/contracts';
import { enrolDevice } from '../identity/devices.ts';
import { completeImage } from '../images/complete-image.ts';
import type { ImageOutcome } from '../images/image-outcome.ts';
import { listImages } from '../images/list-images.ts';
import { reserveImage } from '../images/reserve-images.ts';
import { createSession, getSession, updateSession } from '../sessions/sessions.ts';
import type { OrgTx } from '../store/org-tx.ts';
import type { TestDatabase } from '../testing.ts';
import { storedUpload } from '../uploads/stored-upload.ts';

/** A result of the worker for a photo. */
export function measured(status: 'processed' | 'failed' = 'processed'): ImageOutcome {
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
      exposure: { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 120 },
    },
    judgeBy: defaultQcThresholds,
    phash: 'c3a5963c5a69d2b4',
    colourGrid: new Uint8Array(768),
    renditions: [],
  };
}

export const angle = (angle_deg: number): Slot => ({ angle_deg, shot_name: null });
export const noSlot: Slot = { angle_deg: null, shot_name: null };

/** A session in a separate organization, with a reviewer and a device that shoots. */
export async function startShooting(database: TestDatabase, shotList: ShotList = { studio360: { frame_count: 4 } }) {
  const org = await database.makeOrg();
  const tenant = database.store.forOrg(org.orgId, 'all');
  const device = await enrolDevice(database.store, org.orgId, { platform: 'test', model: 'Test', appVersion: '1' });
  if (isFailure(device)) throw new Error(device.failure);
  const by = { type: 'device' as const, id: device.deviceId as DeviceId };
  const mode = shotList.studio360 === undefined ? ('stills' as const) : ('studio360' as const);
  const made = await tenant.transact((tx) =>
    createSession(tx, { siteId: org.siteIds[0], vehicle: { stock: 'S1' }, mode, shotList, by }),
  );
  if (isFailure(made)) throw new Error(made.failure);
  const sessionId: SessionId = made.session.id;
  const { rows } = await database.admin.query(`select id from users where org_id = $1 and role = 'reviewer'`, [
    org.orgId,
  ]);
  const userId: UserId = rows[0].id;

  let frames = 0;
  /** Announces a frame. @returns functions that complete it, optionally in a transaction of the caller */
  const announce = async (
    slot: Slot,
    more: { capturedAt?: Date; expiresAt?: Date; kind?: UploadKind; imageId?: ImageId } = {},
  ) => {
    const sha256 = createHash('sha256').update(`${sessionId} ${frames++}`).digest('hex');
    const contentType = 'image/jpeg' as const;
    const kind = 'original' as const;
    const expiresAt = more.expiresAt ?? new Date(Date.now() + 3_600_000);
    const wanted = { sessionId, kind, slot, contentType, sha256, ...more, expiresAt };
    const image = await reserveImage(tenant, wanted);
    if (isFailure(image)) throw new Error(image.failure);
    const { id, storageKey } = image;
    const parts = parseStorageKey(storageKey);
    if (parts === null) throw new Error(`no key: ${storageKey}`);
    const object = { storageKey, contentType, sha256, sizeBytes: 1_000, slot, storedAt: null };
    const store = () => tenant.transact((tx) => storedUpload(tx, parts, { ...object, workStartedAt: new Date() }));
    const completeIn = async (tx: OrgTx, outcome: ImageOutcome = measured()) => {
      await storedUpload(tx, parts, { ...object, workStartedAt: new Date() });
      return completeImage(tx, parts, outcome);
    };
    return {
      id,
      storageKey,
      uploadId: parts.uploadId,
      /** The two steps of the worker. */
      store,
      completeStored: (outcome: ImageOutcome = measured()) =>
        tenant.transact((tx) => completeImage(tx, parts, outcome)),
      completeIn,
      complete: (outcome?: ImageOutcome) => tenant.transact((tx) => completeIn(tx, outcome)),
    };
  };
  return {
    ...org,
    tenant,
    by,
    sessionId,
    userId,
    announce,
    shoot: async (slot: Slot, outcome?: ImageOutcome, more?: { capturedAt?: Date }) => {
      const { id, complete } = await announce(slot, more);
      await complete(outcome);
      return id;
    },
    become: (status: SessionStatus) => tenant.transact((tx) => updateSession(tx, sessionId, { status }, by)),
    session: async () => {
      const session = await tenant.read((tx) => getSession(tx, sessionId));
      if (session === undefined) throw new Error('no session');
      return session;
    },
    list: (superseded = false) => tenant.read((tx) => listImages(tx, sessionId, { limit: 200, offset: 0, superseded })),
    slots: async () =>
      (
        await database.admin.query(
          `select position, angle_deg, shot_name, current_image_id, published_image_id from slots
           where session_id = $1 order by position`,
          [sessionId],
        )
      ).rows,
    eventsOf: async (id: string): Promise<{ type: string; meta: unknown }[]> =>
      (await database.admin.query('select type, meta from events where entity_id = $1 order by id', [id])).rows,
  };
}

/** Resolves when a statement of this database waits for a lock of another transaction. */
export async function untilSomebodyWaits(database: TestDatabase): Promise<void> {
  for (;;) {
    const { rows } = await database.admin.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
  }
}

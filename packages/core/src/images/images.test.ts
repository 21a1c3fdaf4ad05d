import { createHash, randomUUID } from 'node:crypto';
import {
  type DeviceId,
  defaultQcThresholds,
  ImageId,
  isFailure,
  parseStorageKey,
  type SessionId,
  type SiteId,
  thumbKey,
  thumbSizes,
} from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enrolDevice } from '../identity/devices.ts';
import { createSession, getSession, updateSession } from '../sessions/sessions.ts';
import type { OrgStore } from '../store/store.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { claimUnfinishedUploads } from '../uploads/claim-unfinished-uploads.ts';
import { expireUpload } from '../uploads/expire-upload.ts';
import { type StoredObject, storedUpload, uploadProgress } from '../uploads/stored-upload.ts';
import { originalOf } from '../uploads/upload-state.ts';
import { completeImage } from './complete-image.ts';
import type { ImageOutcome } from './image-outcome.ts';
import { imagesVersion, listImages } from './list-images.ts';
import { type ReservedImage, reserveImage, reserveImages } from './reserve-images.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const inAnHour = () => new Date(Date.now() + 3_600_000);

async function startSpin() {
  const org = await database.makeOrg();
  const device = await enrolDevice(database.store, org.orgId, { platform: 'test', model: 'Test', appVersion: '1' });
  if (isFailure(device)) throw new Error(device.failure);
  const tenant = database.store.forOrg(org.orgId, 'all');
  const by = { type: 'device' as const, id: device.deviceId as DeviceId };
  const session = await newSession(tenant, org.siteIds[0], by, 'S1');
  return { ...org, tenant, by, session };
}

async function newSession(tenant: OrgStore, siteId: SiteId, by: { type: 'device'; id: DeviceId }, stock: string) {
  const made = await tenant.transact((tx) =>
    createSession(tx, {
      siteId,
      vehicle: { stock },
      mode: 'studio360',
      shotList: { studio360: { frame_count: 24 } },
      by,
    }),
  );
  if (isFailure(made)) throw new Error(made.failure);
  return made.session.id;
}

interface FrameToReserve {
  bytes: string;
  angle: number;
  imageId?: ImageId;
}

function reserveAll(tenant: OrgStore, sessionId: SessionId, frames: FrameToReserve[]) {
  const wanted = frames.map(({ bytes, angle, imageId }) => ({
    imageId,
    kind: 'original' as const,
    slot: { angle_deg: angle, shot_name: null },
    contentType: 'image/jpeg' as const,
    sha256: sha(bytes),
  }));
  return reserveImages(tenant, sessionId, wanted, inAnHour());
}

function reserve(tenant: OrgStore, sessionId: SessionId, bytes: string, angle: number, imageId?: ImageId) {
  return reserveImage(tenant, {
    sessionId,
    imageId,
    kind: 'original',
    slot: { angle_deg: angle, shot_name: null },
    contentType: 'image/jpeg',
    sha256: sha(bytes),
    expiresAt: inAnHour(),
  });
}

function measured(storageKey: string, status: 'processed' | 'failed' = 'processed'): ImageOutcome {
  return {
    kind: 'measured',
    width: 4032,
    height: 3024,
    exif: {
      iso: 100,
      shutter_s: 0.01,
      aperture_f: 8,
      focal_length_mm: 50,
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
    renditions: thumbSizes.map((width) => ({
      kind: 'thumbnail',
      width,
      format: 'jpeg',
      storageKey: thumbKey(storageKey, width),
      sizeBytes: 10 * width,
    })),
  };
}

function partsOf(storageKey: string) {
  const parts = parseStorageKey(storageKey);
  if (parts === null) throw new Error(`no key: ${storageKey}`);
  return parts;
}

function store(tenant: OrgStore, storageKey: string, bytes: string, over: Partial<StoredObject> = {}) {
  const object: StoredObject = {
    storageKey,
    contentType: 'image/jpeg',
    sha256: sha(bytes),
    sizeBytes: bytes.length,
    slot: { angle_deg: null, shot_name: null },
    storedAt: null,
    workStartedAt: new Date(),
    ...over,
  };
  return tenant.transact((tx) => storedUpload(tx, partsOf(storageKey), object));
}

/** Stores and completes in two transactions, like the worker. */
async function complete(tenant: OrgStore, storageKey: string, bytes: string, outcome = measured(storageKey)) {
  const stored = await store(tenant, storageKey, bytes);
  if (stored.kind !== 'stored') return stored;
  return tenant.transact((tx) => completeImage(tx, partsOf(storageKey), outcome));
}

async function reserved(tenant: OrgStore, session: SessionId, bytes: string, angle: number) {
  const image = await reserve(tenant, session, bytes, angle);
  if (isFailure(image)) throw new Error(image.failure);
  return image;
}

async function list(tenant: OrgStore, id: SessionId, superseded = false) {
  return tenant.read((tx) => listImages(tx, id, { limit: 200, offset: 0, superseded }));
}

test('repeated and concurrent requests reserve a frame once', async () => {
  const { tenant, session } = await startSpin();
  const imageId = ImageId.parse(randomUUID());
  const answers = await Promise.all(Array.from({ length: 8 }, () => reserve(tenant, session, 'one', 0, imageId)));
  expect(new Set(answers.map((answer) => (isFailure(answer) ? answer.failure : answer.storageKey))).size).toBe(1);
  expect((await list(tenant, session)).total).toBe(1);
});

test('the same bytes in a session are the same frame, even without a client id', async () => {
  const { tenant, session } = await startSpin();
  const answers = await Promise.all([reserve(tenant, session, 'same', 0), reserve(tenant, session, 'same', 15)]);
  const [first, second] = answers;
  expect(first).toMatchObject({ id: (second as { id: string }).id });
});

test('an id that has other bytes or another session is refused', async () => {
  const { tenant, session, siteIds, by } = await startSpin();
  const imageId = ImageId.parse(randomUUID());
  await reserve(tenant, session, 'one', 0, imageId);
  expect(await reserve(tenant, session, 'two', 0, imageId)).toMatchObject({ failure: 'image_conflict' });
  const other = await newSession(tenant, siteIds[0], by, 'S2');
  expect(await reserve(tenant, other, 'one', 0, imageId)).toMatchObject({ failure: 'image_conflict' });
});

test('each frame of a batch is reserved or refused on its own, in order', async () => {
  const { tenant, session, siteIds, by } = await startSpin();
  const other = await newSession(tenant, siteIds[0], by, 'S2');
  const known = await reserved(tenant, session, 'known', 15);
  const elsewhere = await reserved(tenant, other, 'elsewhere', 15);
  const imageId = ImageId.parse(randomUUID());
  const outcomes = await reserveAll(tenant, session, [
    { bytes: 'a', angle: 30, imageId },
    { bytes: 'b', angle: 7 },
    { bytes: 'known', angle: 15 },
    { bytes: 'c', angle: 45, imageId },
    { bytes: 'a', angle: 30 },
    { bytes: 'd', angle: 60, imageId: elsewhere.id },
    { bytes: 'elsewhere', angle: 75 },
  ]);
  expect(outcomes).toMatchObject([
    { id: imageId, slot: { angle_deg: 30 }, status: 'pending' },
    { failure: 'slot_not_in_shot_list' },
    { id: known.id },
    { failure: 'image_conflict' },
    { id: imageId },
    { failure: 'image_conflict' },
    { slot: { angle_deg: 75 } },
  ]);
  expect((await list(tenant, session)).items.map((image) => image.angle_deg)).toEqual([15, 30, 75]);
});

test('overlapping batches, in any order and during the work of the worker, create each frame once, without a deadlock', async () => {
  const { tenant, session } = await startSpin();
  const frames = Array.from({ length: 24 }, (_, k) => ({
    bytes: `frame ${k}`,
    angle: k * 15,
    imageId: ImageId.parse(randomUUID()),
  }));
  const first = (await reserveAll(tenant, session, frames.slice(0, 12))) as ReservedImage[];
  const outcomes = await Promise.all([
    reserveAll(tenant, session, frames),
    reserveAll(tenant, session, [...frames].reverse()),
    reserveAll(tenant, session, frames.slice(6)),
    ...first.map((image, k) => complete(tenant, image.storageKey, `frame ${k}`)),
    ...frames.slice(12).map(({ bytes, angle, imageId }) => reserve(tenant, session, bytes, angle, imageId)),
  ]);
  expect(outcomes.flat().filter(isFailure)).toEqual([]);
  const { items } = await list(tenant, session, true);
  expect(items.map((image) => image.id)).toEqual(frames.map((frame) => frame.imageId));
  const { rows } = await database.admin.query(
    'select deadlocks::int as n from pg_stat_database where datname = current_database()',
  );
  expect(rows).toEqual([{ n: 0 }]);
});

test('a slot outside the shot list and a finished session are refused, except for a known frame', async () => {
  const { tenant, session, by } = await startSpin();
  expect(await reserve(tenant, session, 'x', 7)).toMatchObject({ failure: 'slot_not_in_shot_list' });
  const known = await reserved(tenant, session, 'late', 15);
  await tenant.transact((tx) => updateSession(tx, session, { status: 'completed' }, by));
  expect(await reserve(tenant, session, 'new', 30)).toMatchObject({ failure: 'session_not_active' });
  expect(await reserve(tenant, session, 'late', 15)).toMatchObject({ id: known.id, status: 'pending' });
});

test('an image is completed exactly once if its event is delivered to two workers at the same time', async () => {
  const { tenant, session } = await startSpin();
  const image = await reserved(tenant, session, 'bytes', 0);
  const outcomes = await Promise.all([
    complete(tenant, image.storageKey, 'bytes'),
    complete(tenant, image.storageKey, 'bytes'),
  ]);
  expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['already_done', 'completed']);
  const { items } = await list(tenant, session);
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    status: 'processed',
    angle_deg: 0,
    width: 4032,
    qc_version: 1,
    phash: 'c3a5963c5a69d2b4',
    thumb_keys: { 600: `${image.storageKey}_thumb_600.jpg` },
  });
});

test('an unannounced object gets a row, with the vehicle of its session', async () => {
  const { tenant, session, orgId, siteIds } = await startSpin();
  const key = `org/${orgId}/site/${siteIds[0]}/session/${session}/${randomUUID()}.jpg`;
  expect(await complete(tenant, key, 'unannounced')).toMatchObject({ kind: 'completed', result: 'processed' });
  const row = await tenant.read((tx) => getSession(tx, session));
  expect((await list(tenant, session)).items[0]).toMatchObject({ vehicle_id: row?.vehicle_id, status: 'processed' });
});

test('two unannounced objects with the same bytes become one image', async () => {
  const { tenant, session, orgId, siteIds } = await startSpin();
  const keys = [1, 2].map(() => `org/${orgId}/site/${siteIds[0]}/session/${session}/${randomUUID()}.jpg`);
  const outcomes = await Promise.all(keys.map((key) => complete(tenant, key, 'twins')));
  expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['completed', 'same_bytes_as']);
  expect((await list(tenant, session)).total).toBe(1);
});

test('a key that names a session of another site or organization completes nothing', async () => {
  const { tenant, session, orgId, siteIds } = await startSpin();
  const elsewhere = await startSpin();
  const wrongSite = `org/${orgId}/site/${siteIds[1]}/session/${session}/${randomUUID()}.jpg`;
  expect(await complete(tenant, wrongSite, 'a')).toEqual({ kind: 'no_such_session' });
  const wrongOrg = `org/${orgId}/site/${siteIds[0]}/session/${elsewhere.session}/${randomUUID()}.jpg`;
  expect(await complete(tenant, wrongOrg, 'b')).toEqual({ kind: 'no_such_session' });
});

test('bytes that differ from the announcement are detected before they are measured', async () => {
  const { tenant, session } = await startSpin();
  const image = await reserved(tenant, session, 'announced', 0);
  expect(await store(tenant, image.storageKey, 'announced')).toMatchObject({ bytesAsAnnounced: true });
  expect(await store(tenant, image.storageKey, 'something else')).toMatchObject({ bytesAsAnnounced: false });
});

test('the same bytes elsewhere in the organization are reported, never across organizations', async () => {
  const { tenant, session, siteIds, by } = await startSpin();
  const first = await reserved(tenant, session, 'again', 0);
  await complete(tenant, first.storageKey, 'again');
  const second = await reserved(tenant, await newSession(tenant, siteIds[0], by, 'S2'), 'again', 0);
  await complete(tenant, second.storageKey, 'again');
  const { items } = await list(tenant, parseStorageKey(second.storageKey)?.sessionId as SessionId);
  expect(items[0]?.qc).toMatchObject({ duplicate_of: first.id });
  const recorded = await database.admin.query(
    `select meta from events where type = 'image.duplicate' and entity_id = $1`,
    [second.id],
  );
  expect(recorded.rows).toMatchObject([{ meta: { duplicate_of: first.id } }]);

  const stranger = await startSpin();
  const theirs = await reserved(stranger.tenant, stranger.session, 'again', 0);
  await complete(stranger.tenant, theirs.storageKey, 'again');
  expect((await list(stranger.tenant, stranger.session)).items[0]?.qc).not.toHaveProperty('duplicate_of');
});

test('a slot that is shot again shows its newest good frame', async () => {
  const { tenant, session } = await startSpin();
  for (const [bytes, status] of [
    ['first', 'failed'],
    ['second', 'processed'],
    ['third', 'failed'],
  ] as const) {
    const { storageKey } = await reserved(tenant, session, bytes, 45);
    await complete(tenant, storageKey, bytes, measured(storageKey, status));
  }
  const current = await list(tenant, session);
  expect(current.items.map((image) => image.hash_sha256)).toEqual([sha('second')]);
  expect((await list(tenant, session, true)).items).toHaveLength(3);
  expect(await tenant.read((tx) => getSession(tx, session))).toMatchObject({ processed: 1, failed: 0 });
});

test('the version of the images changes exactly with visible changes', async () => {
  const { tenant, session } = await startSpin();
  const version = async () => (await tenant.read((tx) => imagesVersion(tx, session)))?.version;
  const atFirst = await version();
  const image = await reserved(tenant, session, 'v', 0);
  const whenReserved = await version();
  expect(whenReserved).not.toBe(atFirst);
  await reserved(tenant, session, 'v', 0);
  expect(await version()).toBe(whenReserved);
  await complete(tenant, image.storageKey, 'v');
  expect(await version()).not.toBe(whenReserved);
});

test('a batch of a hundred frames counts as one change of the gallery, and a statement without changes as none', async () => {
  const { tenant, session, orgId, siteIds, by } = await startSpin();
  const other = await newSession(tenant, siteIds[0], by, 'S2');
  const version = async (id = session) => {
    const { rows } = await database.admin.query('select images_version::int as n from sessions where id = $1', [id]);
    return rows[0].n as number;
  };
  const atFirst = await version();
  await reserveAll(
    tenant,
    session,
    Array.from({ length: 100 }, (_, k) => ({ bytes: `frame ${k}`, angle: (k % 24) * 15 })),
  );
  expect(await version()).toBe(atFirst + 1);
  const change = (what: string) => database.admin.query(`update images set ${what} where org_id = $1`, [orgId]);
  await change('status = status, qc = qc');
  await change(`upload_expires_at = now() + interval '1 day'`);
  expect(await version()).toBe(atFirst + 1);
  // A gallery may show any other column, including columns of later versions.
  await change(`phash = coalesce(phash, '0000000000000000')`);
  expect([await version(), await version(other)]).toEqual([atFirst + 2, 0]);
});

test('an upload that did not arrive expires after its URL, and revives when it arrives', async () => {
  const { tenant, session } = await startSpin();
  const image = await reserved(tenant, session, 'lost', 0);
  await tenant.transact((tx) => expireUpload(tx, originalOf(image.id), new Date()));
  expect((await list(tenant, session)).items[0]?.status).toBe('pending');
  await tenant.transact((tx) => expireUpload(tx, originalOf(image.id), new Date(Date.now() + 2 * 3_600_000)));
  expect((await list(tenant, session)).items[0]?.status).toBe('expired');
  expect(await reserve(tenant, session, 'lost', 0)).toMatchObject({ id: image.id, status: 'pending' });
  await complete(tenant, image.storageKey, 'lost');
  expect((await list(tenant, session)).items[0]?.status).toBe('processed');
});

test('the progress of an upload tells a worker what remains to be done', async () => {
  const { tenant, session } = await startSpin();
  const image = await reserved(tenant, session, 'p', 0);
  const ask = (key: string) => tenant.read((tx) => uploadProgress(tx, key, partsOf(key)));
  const known = { imageId: image.id, kind: 'original' };
  expect(await ask(image.storageKey)).toEqual({ ...known, state: 'unfinished' });
  await complete(tenant, image.storageKey, 'p');
  expect(await ask(image.storageKey)).toEqual({ ...known, state: 'done' });
  const id = randomUUID();
  const other = image.storageKey.replace(/[^/]+$/, `${id}.jpg`);
  expect(await ask(other)).toEqual({ imageId: id, kind: 'original', state: 'unannounced' });
});

test('an object with the id of another image does not change that image', async () => {
  const { tenant, session, siteIds, by } = await startSpin();
  const image = await reserved(tenant, session, 'mine', 0);
  const other = await newSession(tenant, siteIds[0], by, 'S2');
  for (const key of [image.storageKey.replace(session, other), image.storageKey.replace('.jpg', '.heic')]) {
    const progress = await tenant.read((tx) => uploadProgress(tx, key, partsOf(key)));
    expect(progress.state).toBe('unannounced');
    expect(await complete(tenant, key, 'theirs')).toEqual({ kind: 'id_taken_by', storageKey: image.storageKey });
  }
  expect((await list(tenant, session)).items).toMatchObject([{ status: 'pending', hash_sha256: sha('mine') }]);
  expect((await list(tenant, other)).items).toEqual([]);
});

test('an object of 3 GiB becomes a failed frame', async () => {
  const { tenant, session } = await startSpin();
  const { storageKey } = await reserved(tenant, session, 'huge', 0);
  await store(tenant, storageKey, 'huge', { sha256: null, sizeBytes: 3 * 2 ** 30 });
  const outcome = { kind: 'rejected', code: 'too_large', message: 'too large' } as const;
  await tenant.transact((tx) => completeImage(tx, partsOf(storageKey), outcome));
  expect((await list(tenant, session)).items).toMatchObject([
    { status: 'failed', size_bytes: null, failure: { code: 'too_large' } },
  ]);
});

test('unfinished uploads are claimed in small groups, each once until its claim ends', async () => {
  const { tenant, session } = await startSpin();
  for (let k = 0; k < 5; k++) await reserved(tenant, session, `page ${k}`, k * 15);
  const later = new Date(Date.now() + 60_000);
  const claim = (over: object = {}) =>
    tenant.transact((tx) =>
      claimUnfinishedUploads(tx, {
        overdueBefore: later,
        expiredBefore: new Date(0),
        claimMs: 3_600_000,
        limit: 2,
        ...over,
      }),
    );
  expect(await claim({ overdueBefore: null })).toEqual([]);
  const claims = await Promise.all([claim(), claim(), claim(), claim()]);
  // The claims run at the same time. None exceeds the limit, but which of them get fewer uploads is not determined.
  expect(Math.max(...claims.map((some) => some.length))).toBeLessThanOrEqual(2);
  expect(claims.flat()).toHaveLength(5);
  expect(new Set(claims.flat().map(({ id }) => id)).size).toBe(5);
  expect(await claim()).toEqual([]);
  await database.admin.query(`update uploads set reconcile_after = now() where session_id = $1`, [session]);
  expect(await claim({ limit: 9 })).toHaveLength(5);
});

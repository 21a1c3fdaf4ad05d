import { isFailure, storageKey } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { angle, measured, startShooting } from '../testing/shooting.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { expireUpload, failUnreadableFrame, listUnreadableFrames } from '../uploads/expire-upload.ts';
import { storedUpload } from '../uploads/stored-upload.ts';
import { notProcessed, originalOf } from '../uploads/upload-state.ts';
import type { ImageOutcome } from './image-outcome.ts';
import { publishImage, publishSession, unpublishImage } from './publish-images.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const unreadable: ImageOutcome = { kind: 'rejected', code: 'truncated', message: 'The file ends too early.' };
const past = () => new Date(Date.now() - 1_000);

/** A frame with two announced uploads, the preview first. */
async function announceBoth(options: { originalExpiresAt?: Date } = {}) {
  const shooting = await startShooting(database);
  const preview = await shooting.announce(angle(90), { kind: 'preview' });
  const announceOriginal = () =>
    shooting.announce(angle(90), {
      kind: 'original',
      imageId: preview.id,
      ...(options.originalExpiresAt && { expiresAt: options.originalExpiresAt }),
    });
  const frame = async () => {
    const { items } = await shooting.list(true);
    expect(items).toHaveLength(1);
    return items[0];
  };
  const version = async () =>
    (await database.admin.query('select images_version from sessions where id = $1', [shooting.sessionId])).rows[0]
      .images_version;
  const uploads = async () =>
    (await database.admin.query('select kind, state from uploads where image_id = $1 order by kind', [preview.id]))
      .rows;
  const publish = (by: { override?: boolean; preview?: boolean } = {}) =>
    shooting.tenant.transact((tx) =>
      publishImage(tx, preview.id, { userId: shooting.userId, override: false, preview: false, ...by }),
    );
  return { ...shooting, preview, announceOriginal, frame, version, uploads, publish };
}

test('a preview has its own storage key and belongs to the same frame as its original', async () => {
  const { preview, announceOriginal } = await announceBoth();
  const original = await announceOriginal();
  expect(original.id).toBe(preview.id);
  expect(original.uploadId).toBe(preview.id);
  expect(preview.uploadId).not.toBe(preview.id);
  expect(preview.storageKey).toBe(original.storageKey.replace(original.uploadId, preview.uploadId));
});

test('the preview makes a frame visible, and its original replaces it with the final verdict', async () => {
  const { preview, announceOriginal, frame, uploads, slots } = await announceBoth();
  expect(await frame()).toMatchObject({ status: 'pending', shown_upload: null, original_state: null });
  await preview.complete();
  const shown = { status: 'processed', shown_upload: 'preview', storage_key: preview.storageKey };
  expect(await frame()).toMatchObject({ ...shown, original_state: null });
  expect((await slots())[1]).toMatchObject({ current_image_id: preview.id });
  const original = await announceOriginal();
  expect(await frame()).toMatchObject({ ...shown, original_state: 'expected' });
  await original.complete(measured('failed'));
  expect(await frame()).toMatchObject({
    status: 'failed',
    shown_upload: 'original',
    original_state: 'processed',
    storage_key: original.storageKey,
  });
  expect(await uploads()).toEqual([
    { kind: 'original', state: 'processed' },
    { kind: 'preview', state: 'processed' },
  ]);
});

test('an original that arrives first is shown, and a late preview is kept and ignored', async () => {
  const { preview, announceOriginal, frame, uploads } = await announceBoth();
  const original = await announceOriginal();
  await original.complete();
  const before = await frame();
  expect(await preview.store()).toEqual({ kind: 'skipped' });
  expect(await frame()).toEqual(before);
  expect(await uploads()).toEqual([
    { kind: 'original', state: 'processed' },
    { kind: 'preview', state: 'skipped' },
  ]);
});

test('a preview that is still being measured when its original is completed is not shown', async () => {
  const { preview, announceOriginal, frame } = await announceBoth();
  await preview.store();
  const original = await announceOriginal();
  await original.complete();
  expect(await preview.completeStored()).toEqual({ kind: 'skipped' });
  expect(await frame()).toMatchObject({ shown_upload: 'original', storage_key: original.storageKey });
});

test('a preview and its original that are completed at the same time, each twice, end with the original', async () => {
  const { preview, announceOriginal, frame } = await announceBoth();
  const original = await announceOriginal();
  await Promise.all([preview.complete(), original.complete(), preview.complete(), original.complete()]);
  expect(await frame()).toMatchObject({ shown_upload: 'original', storage_key: original.storageKey });
});

test('an unreadable preview does not fail its frame while its original may arrive', async () => {
  const { preview, announceOriginal, frame, tenant } = await announceBoth();
  await preview.complete(unreadable);
  expect(await frame()).toMatchObject({ status: 'pending', failure: null, shown_upload: null });
  // The URL has not expired yet.
  expect(await tenant.read((tx) => listUnreadableFrames(tx, new Date()))).toEqual([]);
  await (await announceOriginal()).complete();
  expect(await frame()).toMatchObject({ status: 'processed', failure: null, shown_upload: 'original' });
});

test('an unreadable preview fails its frame if no original is announced in time, and the original revives it', async () => {
  const { preview, announceOriginal, frame, tenant } = await announceBoth();
  await preview.complete(unreadable);
  const later = new Date(Date.now() + 2 * 3_600_000);
  const frames = await tenant.read((tx) => listUnreadableFrames(tx, later));
  expect(frames).toEqual([preview.id]);
  await tenant.transact((tx) => failUnreadableFrame(tx, preview.id, later));
  await tenant.transact((tx) => failUnreadableFrame(tx, preview.id, later));
  expect(await frame()).toMatchObject({ status: 'failed', failure: { code: 'truncated' } });
  expect(await tenant.read((tx) => listUnreadableFrames(tx, later))).toEqual([]);
  await (await announceOriginal()).complete();
  expect(await frame()).toMatchObject({ status: 'processed', failure: null });
});

test.each(['before', 'after'])(
  'an unreadable original fails its frame, which keeps the picture of a preview that arrived %s it',
  async (order) => {
    const { preview, announceOriginal, frame, publish } = await announceBoth();
    const original = await announceOriginal();
    if (order === 'before') await preview.complete();
    await original.complete(unreadable);
    if (order === 'after') await preview.complete();
    expect(await frame()).toMatchObject({
      status: 'failed',
      failure: { code: 'truncated' },
      shown_upload: 'preview',
      original_state: 'rejected',
      storage_key: preview.storageKey,
      width: 4032,
    });
    expect(await publish()).toMatchObject({ failure: 'override_required' });
    expect(await publish({ override: true })).toMatchObject({ failure: 'preview_only' });
    expect(isFailure(await publish({ override: true, preview: true }))).toBe(false);
  },
);

test('if the original does not arrive, the preview stays, and the original is marked as expired', async () => {
  const { preview, announceOriginal, frame, tenant, version } = await announceBoth({ originalExpiresAt: past() });
  await preview.complete();
  const shown = await version();
  const original = await announceOriginal();
  const announced = await version();
  expect(announced).not.toBe(shown);
  await tenant.transact((tx) => expireUpload(tx, original.uploadId, new Date()));
  expect(await frame()).toMatchObject({ status: 'processed', shown_upload: 'preview', original_state: 'expired' });
  // Galleries notice the change.
  expect(await version()).not.toBe(announced);
});

test('galleries notice that an original that could not be processed, or had expired, is processed again', async () => {
  const { preview, announceOriginal, frame, tenant, version } = await announceBoth({ originalExpiresAt: past() });
  await preview.complete();
  const original = await announceOriginal();
  for (const [state, end] of [
    ['rejected', () => original.complete({ kind: 'rejected', ...notProcessed })],
    ['expired', () => tenant.transact((tx) => expireUpload(tx, original.uploadId, new Date()))],
  ] as const) {
    await database.admin.query(`update uploads set state = 'expected', failure = null where id = $1`, [
      original.uploadId,
    ]);
    await end();
    expect(await frame()).toMatchObject({ original_state: state });
    const before = await version();
    await original.store();
    expect(await frame()).toMatchObject({ original_state: 'expected' });
    const after = await version();
    expect(after).not.toBe(before);
    // A second delivery changes nothing.
    await original.store();
    expect(await version()).toBe(after);
  }
});

test('galleries notice an original that arrives unannounced after its preview', async () => {
  const { preview, orgId, siteIds, sessionId, tenant, frame, version } = await announceBoth();
  await preview.complete();
  expect(await frame()).toMatchObject({ original_state: null });
  const before = await version();
  const parts = { orgId, siteId: siteIds[0], sessionId, uploadId: originalOf(preview.id) };
  const object = {
    storageKey: storageKey(parts, 'image/jpeg'),
    contentType: 'image/jpeg',
    sha256: 'c'.repeat(64),
  } as const;
  const arrived = { ...object, sizeBytes: 1_000, slot: angle(90), storedAt: null, workStartedAt: new Date() };
  expect(await tenant.transact((tx) => storedUpload(tx, parts, arrived))).toMatchObject({ kind: 'stored' });
  expect(await frame()).toMatchObject({ original_state: 'expected' });
  expect(await version()).not.toBe(before);
});

test('a frame expires only if none of its uploads arrived', async () => {
  const { preview, announceOriginal, frame, tenant } = await announceBoth({ originalExpiresAt: past() });
  const original = await announceOriginal();
  await tenant.transact((tx) => expireUpload(tx, original.uploadId, new Date()));
  expect(await frame()).toMatchObject({ status: 'pending' });
  await tenant.transact((tx) => expireUpload(tx, preview.uploadId, new Date(Date.now() + 2 * 3_600_000)));
  expect(await frame()).toMatchObject({ status: 'expired' });
  await preview.complete();
  expect(await frame()).toMatchObject({ status: 'processed', shown_upload: 'preview' });
});

test('publishing a preview is an explicit choice, which is recorded', async () => {
  const { preview, announceOriginal, publish, tenant, sessionId, userId, eventsOf } = await announceBoth();
  await preview.complete();
  expect(await publish()).toMatchObject({ failure: 'preview_only' });
  const all = await tenant.transact((tx) => publishSession(tx, sessionId, { userId, warned: false }));
  expect(all).toMatchObject({ published: [], left: [{ imageId: preview.id, reason: 'preview' }] });
  expect(await publish({ preview: true })).toMatchObject({ image: { status: 'published', shown_upload: 'preview' } });
  expect(await eventsOf(preview.id)).toMatchObject([{ type: 'image.published', meta: { preview: true } }]);
  // An original that passes replaces it, and the frame stays published.
  await (await announceOriginal()).complete();
  expect(await publish()).toMatchObject({
    image: { status: 'published', shown_upload: 'original', publish_override: false },
  });
});

test('a published preview stays published if its original fails, which is recorded', async () => {
  const { preview, announceOriginal, publish, frame, tenant, userId, eventsOf } = await announceBoth();
  await preview.complete();
  await publish({ preview: true });
  await (await announceOriginal()).complete(measured('failed'));
  expect(await frame()).toMatchObject({ status: 'published', publish_override: true, shown_upload: 'original' });
  expect((await eventsOf(preview.id)).map(({ type }) => type)).toEqual(['image.published', 'image.original_failed']);
  await tenant.transact((tx) => unpublishImage(tx, preview.id, userId));
  expect(await frame()).toMatchObject({ status: 'failed' });
});

test('the promise counts the first time a frame was visible', async () => {
  const { preview, announceOriginal, sessionId } = await announceBoth();
  const seen = async () =>
    (await database.admin.query('select seen_at from sessions where id = $1', [sessionId])).rows[0].seen_at;
  await preview.complete(unreadable);
  expect(await seen()).toBeNull();
  const original = await announceOriginal();
  await original.complete();
  expect(await seen()).toBeInstanceOf(Date);
  const next = await announceBoth();
  await next.preview.complete();
  const at = async () =>
    (await database.admin.query('select seen_at from sessions where id = $1', [next.sessionId])).rows[0].seen_at;
  const first = await at();
  await (await next.announceOriginal()).complete();
  expect(await at()).toEqual(first);
});

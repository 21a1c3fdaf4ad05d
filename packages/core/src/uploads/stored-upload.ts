import type { ContentType, ImageId, SessionId, Slot, StorageKeyParts, UploadId, UploadKind } from '@spinbay/contracts';
import { addLatePhoto } from '../deletions/late-photos.ts';
import { bumpImagesVersion } from '../images/bump-images-version.ts';
import { type LockedSession, lockSession } from '../sessions/lock-session.ts';
import { findSlot } from '../slots/find-slot.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { expireUpload } from './expire-upload.ts';
import { imageOfOriginal, isAwaited, isFinal, type UploadState, workableState } from './upload-state.ts';

/** An object in the bucket. */
export interface StoredObject {
  readonly storageKey: string;
  readonly contentType: ContentType;
  /** Lower-case hex; null if the object was too large to be read. */
  readonly sha256: string | null;
  readonly sizeBytes: number;
  /** From the object's tags, for an unannounced object. */
  readonly slot: Slot;
  /** When it arrived in the bucket, by the bucket's clock; null if unknown. */
  readonly storedAt: Date | null;
  /** When the worker started on it. */
  readonly workStartedAt: Date;
}

export type StoredUpload =
  /** It must be measured, unless its bytes differ from the announcement. */
  | { kind: 'stored'; imageId: ImageId; uploadKind: UploadKind; bytesAsAnnounced: boolean }
  | { kind: 'already_done' }
  /** A preview that arrived after its original. */
  | { kind: 'skipped' }
  /** It was not announced, and another upload of the session has the same bytes or announced them. */
  | { kind: 'same_bytes_as'; imageId: ImageId }
  /** The id belongs to an upload with another storage key. */
  | { kind: 'id_taken_by'; storageKey: string }
  | { kind: 'no_such_session' }
  /** It arrived after the device that got its URL was revoked. The upload stays open for another device. */
  | { kind: 'device_revoked' }
  /** Its session was erased. A deletion job removes the photo. */
  | { kind: 'erased' };

/** What is known of an object before its download. */
export interface UploadProgress {
  readonly imageId: ImageId;
  readonly kind: UploadKind;
  /** Not announced, to be processed, or done. */
  readonly state: 'unannounced' | 'unfinished' | 'done';
}

/** An unannounced object counts as the original of the image that its key names. */
export async function uploadProgress(
  tx: OrgTx,
  storageKey: string,
  { uploadId }: StorageKeyParts,
): Promise<UploadProgress> {
  const upload = await uploadAt(tx, storageKey);
  if (upload === undefined) return { imageId: imageOfOriginal(uploadId), kind: 'original', state: 'unannounced' };
  const { image_id: imageId, upload_kind: kind } = upload;
  return { imageId, kind, state: isFinal(upload.state) ? 'done' : 'unfinished' };
}

/**
 * Records that an object is in the bucket, before the expensive work. An unannounced object gets its rows here. After the
 * work, a second delivery of the same event gets `already_done`.
 */
export async function storedUpload(tx: OrgTx, parts: StorageKeyParts, object: StoredObject): Promise<StoredUpload> {
  const session = await lockSession(tx, parts.sessionId);
  if (session === undefined || session.site_id !== parts.siteId) {
    return { kind: (await addLatePhoto(tx, parts)) ? 'erased' : 'no_such_session' };
  }
  const known = await uploadAt(tx, object.storageKey);
  const upload = known ?? (await addUnannounced(tx, session, parts.uploadId, object));
  if ('kind' in upload) return upload;
  if (isFinal(upload.state)) return { kind: 'already_done' };
  // A photo that has arrived stays accepted. A device that sends it again can only send the same bytes.
  const isNew = upload.recorded_state === null || isAwaited(upload.recorded_state);
  if (isNew && upload.revoked_at !== null && upload.revoked_at < (object.storedAt ?? object.workStartedAt)) {
    await expireUpload(tx, parts.uploadId);
    return { kind: 'device_revoked' };
  }
  const skipped = upload.upload_kind === 'preview' && (await originalIsProcessed(tx, upload.image_id));
  await tx.run(
    build
      .updateTable('uploads')
      .set({
        state: skipped ? 'skipped' : 'stored',
        failure: null,
        size_bytes: object.sizeBytes,
        stored_at: object.storedAt,
        work_started_at: object.workStartedAt,
      })
      .where(tx.ofOrg('uploads'))
      .where('id', '=', parts.uploadId),
  );
  if (skipped) return { kind: 'skipped' };
  const wasExpected = upload.recorded_state === 'expected' || upload.recorded_state === 'stored';
  if (upload.upload_kind === 'original' && !wasExpected) await bumpImagesVersion(tx, session.id);
  const announced = upload.hash_sha256;
  const bytesAsAnnounced = announced === null || object.sha256 === null || announced === object.sha256;
  return { kind: 'stored', imageId: upload.image_id, uploadKind: upload.upload_kind, bytesAsAnnounced };
}

interface KnownUpload {
  readonly image_id: ImageId;
  readonly upload_kind: UploadKind;
  /** Its state for the worker. */
  readonly state: UploadState;
  /** Its state before this delivery. Null: it was not announced. */
  readonly recorded_state: UploadState | null;
  readonly hash_sha256: string | null;
  /** When the device that got the URL was revoked. */
  readonly revoked_at: Date | null;
}

async function uploadAt(tx: OrgTx, storageKey: string): Promise<KnownUpload | undefined> {
  const [upload] = await tx.runPrepared(
    build
      .selectFrom('uploads')
      .leftJoin('devices', (join) => join.on(tx.ofOrg('devices')).onRef('devices.id', '=', 'uploads.device_id'))
      .select(['image_id', 'kind as upload_kind', workableState.as('state'), 'uploads.state as recorded_state'])
      .select(['hash_sha256', 'revoked_at'])
      .where(tx.ofOrg('uploads'))
      .where('storage_key', '=', storageKey),
  );
  return upload;
}

async function originalIsProcessed(tx: OrgTx, imageId: ImageId): Promise<boolean> {
  const original = await tx.first(
    build
      .selectFrom('uploads')
      .select('state')
      .where(tx.ofOrg('uploads'))
      .where('image_id', '=', imageId)
      .where('kind', '=', 'original'),
  );
  return original?.state === 'processed';
}

/** Creates the rows of an unannounced object. The last part of its key is the id of its image. */
async function addUnannounced(
  tx: OrgTx,
  session: LockedSession,
  uploadId: UploadId,
  object: StoredObject,
): Promise<KnownUpload | StoredUpload> {
  const taken = await tx.first(
    build.selectFrom('uploads').select('storage_key').where(tx.ofOrg('uploads')).where('id', '=', uploadId),
  );
  if (taken !== undefined) return { kind: 'id_taken_by', storageKey: taken.storage_key };
  const twin = object.sha256 === null ? undefined : await imageWithBytes(tx, session.id, object.sha256);
  if (twin !== undefined) return { kind: 'same_bytes_as', imageId: twin };
  const imageId = imageOfOriginal(uploadId);
  await tx.run(
    build
      .insertInto('images')
      .values({
        org_id: tx.orgId,
        id: imageId,
        site_id: session.site_id,
        session_id: session.id,
        vehicle_id: session.vehicle_id,
        ...(findSlot(session.shot_list, object.slot) ?? object.slot),
        status: 'pending',
        storage_key: object.storageKey,
        hash_sha256: object.sha256,
      })
      // The id may belong to an image whose preview arrived first, or to an image of another session.
      .onConflict((conflict) => conflict.doNothing()),
  );
  const image = await tx.first(
    build
      .selectFrom('images')
      .select(['session_id', 'storage_key'])
      .where(tx.ofOrg('images'))
      .where('id', '=', imageId),
  );
  if (image?.session_id !== session.id) return { kind: 'id_taken_by', storageKey: image?.storage_key ?? '' };
  await tx.run(
    build.insertInto('uploads').values({
      org_id: tx.orgId,
      id: uploadId,
      image_id: imageId,
      session_id: session.id,
      site_id: session.site_id,
      kind: 'original',
      storage_key: object.storageKey,
      content_type: object.contentType,
      hash_sha256: object.sha256,
    }),
  );
  return {
    image_id: imageId,
    upload_kind: 'original',
    state: 'expected',
    recorded_state: null,
    hash_sha256: object.sha256,
    revoked_at: null,
  };
}

async function imageWithBytes(tx: OrgTx, sessionId: SessionId, sha256: string): Promise<ImageId | undefined> {
  const upload = await tx.first(
    build
      .selectFrom('uploads')
      .select('image_id')
      .where(tx.ofOrg('uploads'))
      .where('session_id', '=', sessionId)
      .where('hash_sha256', '=', sha256),
  );
  return upload?.image_id;
}

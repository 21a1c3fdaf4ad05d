import {
  type CapturedBy,
  type ContentType,
  type Failure,
  fail,
  type ImageId,
  type ImageStatus,
  isFailure,
  maxImageBytes,
  type SessionId,
  type SiteId,
  type Slot,
  type SlotId,
  storageKey,
  type UploadId,
  type UploadKind,
} from '@spinbay/contracts';
import { newId } from '../new-id.ts';
import { lockStorageUse, type StorageUse, storageQuotaReached } from '../organizations/quotas.ts';
import { joinSession } from '../sessions/join-session.ts';
import { type LockedSession, lockSessionToShoot } from '../sessions/lock-session.ts';
import { findSlot } from '../slots/find-slot.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { OrgStore } from '../store/store.ts';
import { addUploads, type KnownUpload, knownUploads, renewUploads } from '../uploads/announce-uploads.ts';
import { isAwaited, originalOf } from '../uploads/upload-state.ts';
import { bumpImagesVersion } from './bump-images-version.ts';

export interface WantedFrame {
  readonly imageId?: ImageId | undefined;
  readonly kind: UploadKind;
  readonly slot: Slot;
  readonly contentType: ContentType;
  readonly contentLength?: number | undefined;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly capturedAt?: Date | undefined;
  /** Default: camera. */
  readonly capturedBy?: CapturedBy | undefined;
}

export interface ReservedImage {
  readonly id: ImageId;
  readonly siteId: SiteId;
  readonly slot: Slot;
  /** `pending` until the bytes of this upload arrive, even if the frame already shows a picture. */
  readonly status: ImageStatus;
  readonly storageKey: string;
}

type Refusal = Failure<'session_not_active' | 'slot_not_in_shot_list' | 'image_conflict' | 'storage_quota_reached'>;

/**
 * Reserves frames and their uploads before the bytes are sent, so that lost uploads can be detected. Each frame is reserved
 * or refused on its own. The outcomes are in the order of the frames.
 *
 * Requests with the same `imageId` refer to the same frame, and so do the same bytes within a session. A known frame is
 * accepted in any state of its session, because frames that were shot before the end of the session must still arrive.
 */
export function reserveImages(
  store: OrgStore,
  sessionId: SessionId,
  frames: readonly WantedFrame[],
  expiresAt: Date,
): Promise<(ReservedImage | Refusal)[] | Failure<'session_not_found'>> {
  return store.transact(async (tx) => {
    const session = await lockSessionToShoot(tx, sessionId);
    if (session === undefined) return fail('session_not_found');
    const [known, storage] = await Promise.all([knownUploads(tx, sessionId, frames), lockStorageUse(tx)]);
    const plan: Plan = { known, storage, images: [], uploads: [], counted: [] };
    const chosen = frames.map((frame) => chooseUpload(tx, session, plan, frame));
    const images = await addImages(tx, session, plan.images);
    if (images.size > 0) await joinSession(tx, session.id);
    // Another session used one of the ids first.
    const taken = new Set(plan.images.map(({ id }) => id).filter((id) => !images.has(id)));
    await addUploads(
      tx,
      plan.uploads.filter((upload) => !taken.has(upload.image_id)),
      expiresAt,
    );
    const revived = await renewUploads(
      tx,
      plan.known.filter((upload) => chosen.includes(upload)),
      expiresAt,
    );
    await settleSlots(tx, session, [...images.values(), ...revived]);
    const secondUpload = plan.uploads.some(({ image_id }) => !plan.images.some(({ id }) => id === image_id));
    const isRevived = plan.counted.some(({ state }) => state === 'expired');
    if (secondUpload || isRevived) await bumpImagesVersion(tx, session.id);
    return chosen.map((upload) => {
      if (isFailure(upload)) return upload;
      return taken.has(upload.image_id) ? fail('image_conflict') : reserved(upload);
    });
  });
}

/** The changes that a request makes. Two entries of a batch may refer to the same frame. */
interface Plan {
  readonly known: KnownUpload[];
  /** Null: there is no limit. */
  readonly storage: StorageUse | null;
  readonly images: NewImage[];
  readonly uploads: KnownUpload[];
  /** Known uploads that now start to count: expired ones, and expected ones that were announced without a length. */
  readonly counted: KnownUpload[];
}

interface NewImage {
  readonly id: ImageId;
  readonly slot: Slot;
  readonly storageKey: string;
  readonly frame: WantedFrame;
}

export interface WantedImage extends WantedFrame {
  readonly sessionId: SessionId;
  readonly expiresAt: Date;
}

/** Reserves a single frame. */
export async function reserveImage(store: OrgStore, wanted: WantedImage) {
  const outcomes = await reserveImages(store, wanted.sessionId, [wanted], wanted.expiresAt);
  if (isFailure(outcomes)) return outcomes;
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('a frame without an outcome');
  return outcome;
}

/** The earlier upload of this frame, or a new one, which is added to the plan. */
function chooseUpload(tx: OrgTx, session: LockedSession, plan: Plan, frame: WantedFrame): KnownUpload | Refusal {
  const uploads = [...plan.known, ...plan.uploads];
  const sameBytes = uploads.filter((one) => one.session_id === session.id && one.hash_sha256 === frame.sha256);
  // Found by the client's id, else by the bytes.
  const image = uploads.find((one) => one.image_id === frame.imageId) ?? sameBytes[0];
  if (image === undefined) return newFrame(tx, session, plan, frame);
  if (image.session_id !== session.id) return fail('image_conflict');
  const upload = uploads.find((one) => one.image_id === image.image_id && one.kind === frame.kind);
  if (upload === undefined) {
    if (sameBytes.some((one) => one.kind === frame.kind)) return fail('image_conflict');
    return newUpload(tx, session, plan, frame, image);
  }
  if (upload.hash_sha256 !== frame.sha256) return fail('image_conflict');
  if (upload.content_type !== frame.contentType)
    return fail('image_conflict', `It was announced as ${upload.content_type}.`);
  if (isAwaited(upload.state) && isLonger(plan, upload, frame))
    return fail('image_conflict', `It was announced with ${upload.content_length} bytes.`);
  return isCounted(plan, upload) ? upload : count(plan, upload, frame);
}

/** Against a quota, an unknown length counts as the longest possible one until the bytes have arrived. */
function countedLength({ storage }: Plan, { contentLength }: WantedFrame): number | null {
  return contentLength ?? (storage === null ? null : maxImageBytes);
}

/** Whether a frame takes up more of a quota than was counted for its upload. */
function isLonger(
  { storage }: Plan,
  { content_length }: KnownUpload,
  { contentLength = maxImageBytes }: WantedFrame,
): boolean {
  return storage !== null && contentLength > (content_length ?? maxImageBytes);
}

/**
 * Whether an upload counts against the quota: not while it is expired, and not if its length is unknown because there was no quota
 * when it was announced.
 */
function isCounted({ storage, counted }: Plan, upload: KnownUpload): boolean {
  if (counted.includes(upload)) return true;
  if (upload.state === 'expired') return false;
  return storage === null || upload.state !== 'expected' || upload.content_length !== null;
}

/** Lets a known upload count against the quota, if there is room for it. */
function count(plan: Plan, known: KnownUpload, frame: WantedFrame): KnownUpload | Refusal {
  const upload = { ...known, content_length: known.content_length ?? countedLength(plan, frame) };
  const refusal = refusalOf(plan, upload.content_length);
  if (refusal !== null) return refusal;
  plan.known[plan.known.indexOf(known)] = upload;
  plan.counted.push(upload);
  return upload;
}

function refusalOf({ storage, uploads, counted }: Plan, contentLength: number | null): Refusal | null {
  if (storage === null) return null;
  const planned = [...uploads, ...counted].reduce((sum, upload) => sum + (upload.content_length ?? 0), 0);
  return storage.used + planned + (contentLength ?? maxImageBytes) > storage.limit
    ? storageQuotaReached(storage)
    : null;
}

function newFrame(tx: OrgTx, session: LockedSession, plan: Plan, frame: WantedFrame): KnownUpload | Refusal {
  if (session.status !== 'active') return fail('session_not_active', `It is ${session.status}.`);
  const forNoSlot = frame.slot.angle_deg === null && frame.slot.shot_name === null;
  const slot = forNoSlot ? frame.slot : findSlot(session.shot_list, frame.slot);
  if (slot === null) return fail('slot_not_in_shot_list');
  const id = frame.imageId ?? newId<ImageId>();
  const upload = newUpload(tx, session, plan, frame, { image_id: id, ...slot, status: 'pending' });
  if (isFailure(upload)) return upload;
  plan.images.push({ id, slot, storageKey: upload.storage_key, frame });
  return upload;
}

function newUpload(
  tx: OrgTx,
  session: LockedSession,
  plan: Plan,
  frame: WantedFrame,
  { image_id, angle_deg, shot_name, status }: Pick<KnownUpload, 'image_id' | 'angle_deg' | 'shot_name' | 'status'>,
): KnownUpload | Refusal {
  const contentLength = countedLength(plan, frame);
  const refusal = refusalOf(plan, contentLength);
  if (refusal !== null) return refusal;
  const id = frame.kind === 'original' ? originalOf(image_id) : newId<UploadId>();
  const place = { orgId: tx.orgId, siteId: session.site_id, sessionId: session.id, uploadId: id };
  const upload: KnownUpload = {
    ...{ id, image_id, angle_deg, shot_name, status },
    site_id: session.site_id,
    session_id: session.id,
    kind: frame.kind,
    storage_key: storageKey(place, frame.contentType),
    content_type: frame.contentType,
    content_length: contentLength,
    hash_sha256: frame.sha256,
    state: 'expected',
  };
  plan.uploads.push(upload);
  return upload;
}

/** @returns the slots of the added frames, by image id */
async function addImages(
  tx: OrgTx,
  session: LockedSession,
  images: readonly NewImage[],
): Promise<Map<ImageId, SlotId | null>> {
  if (images.length === 0) return new Map();
  const inserted = await tx.runPrepared(
    build
      .insertInto('images')
      .values(
        images.map(({ id, slot, storageKey, frame }) => ({
          org_id: tx.orgId,
          id,
          site_id: session.site_id,
          session_id: session.id,
          vehicle_id: session.vehicle_id,
          angle_deg: slot.angle_deg,
          shot_name: slot.shot_name,
          status: 'pending' as const,
          storage_key: storageKey,
          hash_sha256: frame.sha256,
          captured_at: frame.capturedAt ?? null,
          captured_by: frame.capturedBy ?? 'camera',
          device_id: tx.deviceId,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning(['id', 'slot_id']),
  );
  return new Map(inserted.map(({ id, slot_id }) => [id, slot_id]));
}

function reserved(upload: KnownUpload): ReservedImage {
  const { image_id: id, site_id: siteId, state, storage_key, angle_deg, shot_name } = upload;
  const status = isAwaited(state) ? 'pending' : state === 'rejected' ? 'failed' : upload.status;
  return { id, siteId, slot: { angle_deg, shot_name }, status, storageKey: storage_key };
}

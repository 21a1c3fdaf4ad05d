import {
  fail,
  type ImageId,
  type ImageStatus,
  type LeftReason,
  maxPublished,
  type SessionId,
  type SlotId,
  type UploadKind,
  type UserId,
  type Verdict,
} from '@spinbay/contracts';
import { sql } from 'kysely';
import { type Actor, recordEvents } from '../events/record-event.ts';
import { recordChange, recordChanges } from '../outbox/record-change.ts';
import { type LockedSession, lockSession, lockSessionOf } from '../sessions/lock-session.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { type ImageRow, imagesOfSession, isCurrent } from './image-row.ts';
import { readImages } from './list-images.ts';
import { markUnpublished } from './mark-unpublished.ts';
import { verdict } from './verdict.ts';

/**
 * Publishes a measured image and unpublishes the previous one of its slot. Publishing a published image changes nothing and
 * keeps the time of its first publication.
 * @param by.override also publishes an image that failed quality control; this is recorded
 * @param by.preview also publishes an image that shows only its preview; this is recorded
 */
export async function publishImage(
  tx: OrgTx,
  imageId: ImageId,
  by: { userId: UserId; override: boolean; preview: boolean },
) {
  const session = await lockSessionOf(tx, imageId);
  const image = session && (await readState(tx, imageId));
  if (session === undefined || image === undefined) return fail('image_not_found');
  if (image.status !== 'published') {
    if (image.status !== 'processed' && !(image.status === 'failed' && image.measured)) {
      return fail('image_not_publishable', `It is ${image.status === 'failed' ? 'unreadable' : image.status}.`);
    }
    if (image.status === 'failed' && !by.override) return fail('override_required');
    if (image.shown_upload === 'preview' && !by.preview) return fail('preview_only');
    await publish(tx, session, [image], by.userId);
  }
  return readImage(tx, session, imageId);
}

/** Unpublishes an image, which becomes processed or failed again. An image that is not published stays unchanged. */
export async function unpublishImage(tx: OrgTx, imageId: ImageId, userId: UserId) {
  const session = await lockSessionOf(tx, imageId);
  const image = session && (await readState(tx, imageId));
  if (session === undefined || image === undefined) return fail('image_not_found');
  if (image.status === 'published') {
    await markUnpublished(tx, [imageId]);
    await recordChange(tx, session, { type: 'image.unpublished', imageId });
    await settleSlots(tx, session, [image.slot_id]);
    await recordEvents(tx, [
      { entityType: 'image', entityId: imageId, type: 'image.unpublished', actor: { type: 'user', id: userId } },
    ]);
  }
  return readImage(tx, session, imageId);
}

export interface PublishedSession {
  /** Images that this call published. */
  readonly published: ImageRow[];
  readonly alreadyPublished: number;
  /** Current frames that were not published. */
  readonly left: { imageId: ImageId; reason: LeftReason }[];
}

/**
 * Publishes the current frames of a session that passed, at most `maxPublished` of them. A person must decide individually
 * on failed frames, and on frames that show only their preview. If two reviewers do this concurrently, each frame is
 * published once.
 * @param by.warned also publishes frames with a warning
 */
export async function publishSession(tx: OrgTx, sessionId: SessionId, by: { userId: UserId; warned: boolean }) {
  const session = await lockSession(tx, sessionId);
  if (session === undefined) return fail('session_not_found');
  const current = await tx.run(
    sql<JudgedImage>`select ${imageState}, ${verdict} as verdict
      ${imagesOfSession(tx, sessionId)} and ${isCurrent()} order by i.angle_deg nulls last, i.created_at, i.id`,
  );
  const wanted = current.filter((image) => isWanted(image, by.warned)).slice(0, maxPublished);
  await publish(tx, session, wanted, by.userId);
  const ids = new Set(wanted.map(({ id }) => id));
  const others = current.filter(({ id }) => !ids.has(id));
  const left = others.filter(({ status }) => status !== 'published');
  return {
    published: await readImages(tx, sessionId, [...ids]),
    alreadyPublished: others.length - left.length,
    left: left.slice(0, maxPublished).map((image) => ({ imageId: image.id, reason: reasonOf(image, by.warned) })),
  } satisfies PublishedSession;
}

interface ImageState {
  readonly id: ImageId;
  readonly slot_id: SlotId | null;
  readonly status: ImageStatus;
  readonly measured: boolean;
  readonly shown_upload: UploadKind | null;
}

const imageState = sql`i.id, i.slot_id, i.status, i.qc is not null as measured, shown.kind as shown_upload`;

/** Publishes images, at most one per slot, and unpublishes those that they replace. */
async function publish(
  tx: OrgTx,
  session: LockedSession,
  images: readonly ImageState[],
  userId: UserId,
): Promise<void> {
  if (images.length === 0) return;
  const slotIds = images.map((image) => image.slot_id);
  const bySlot = new Map(images.map((image) => [image.slot_id, image.id]));
  const before = await tx.run(
    build
      .selectFrom('slots')
      .select(['id', 'published_image_id'])
      .where(tx.ofOrg('slots'))
      .where(sql<boolean>`id = any(${slotIds}::uuid[])`)
      .where('published_image_id', 'is not', null),
  );
  const replaced = before.flatMap((slot) => {
    const by = bySlot.get(slot.id);
    return by === undefined || slot.published_image_id === null ? [] : [{ id: slot.published_image_id, by }];
  });
  // Unpublish first, so that a slot never has two published frames.
  if (replaced.length > 0)
    await markUnpublished(
      tx,
      replaced.map(({ id }) => id),
    );
  await tx.run(sql`
    update images i set status = 'published', published_at = now(), published_by = ${userId},
      publish_override = i.status = 'failed'
    where ${tx.ofOrg('i')} and i.id = any(${images.map(({ id }) => id)}::uuid[])`);
  await recordChanges(tx, session, [
    ...replaced.map(({ id }) => ({ type: 'image.unpublished' as const, imageId: id })),
    ...images.map(({ id }) => ({ type: 'image.published' as const, imageId: id })),
  ]);
  await settleSlots(tx, session, slotIds);
  const actor: Actor = { type: 'user', id: userId };
  await recordEvents(tx, [
    ...replaced.map(({ id, by }) => ({
      entityType: 'image' as const,
      entityId: id,
      type: 'image.unpublished',
      meta: { replaced_by: by },
      actor,
    })),
    ...images.map((image) => ({
      entityType: 'image' as const,
      entityId: image.id,
      type: 'image.published',
      ...confirmedExceptions(image),
      actor,
    })),
  ]);
}

interface JudgedImage extends ImageState {
  readonly verdict: Verdict | null;
}

function isWanted({ status, verdict, shown_upload }: JudgedImage, warned: boolean): boolean {
  if (status !== 'processed' || shown_upload === 'preview') return false;
  return verdict === 'pass' || (warned && verdict === 'warn');
}

function reasonOf(image: JudgedImage, warned: boolean): LeftReason {
  if (image.status === 'pending' || image.status === 'expired') return image.status;
  if (!image.measured) return 'unreadable';
  if (isWanted(image, warned)) return 'too_many';
  if (image.status === 'processed' && image.shown_upload === 'preview') return 'preview';
  return image.verdict === 'warn' ? 'warned' : 'failed_qc';
}

/** The exceptions that the reviewer confirmed. */
function confirmedExceptions({ status, shown_upload }: ImageState): { meta?: Record<string, true> } {
  const meta: Record<string, true> = {
    ...(status === 'failed' ? { override: true } : {}),
    ...(shown_upload === 'preview' ? { preview: true } : {}),
  };
  return Object.keys(meta).length > 0 ? { meta } : {};
}

function readState(tx: OrgTx, imageId: ImageId): Promise<ImageState | undefined> {
  return tx.first(sql<ImageState>`
    select ${imageState}
    from images i left join uploads shown on ${tx.ofOrg('shown')} and shown.storage_key = i.storage_key
    where ${tx.ofOrg('i')} and i.id = ${imageId}`);
}

async function readImage(tx: OrgTx, session: LockedSession, imageId: ImageId) {
  const [image] = await readImages(tx, session.id, [imageId]);
  return image === undefined ? fail('image_not_found') : { image };
}

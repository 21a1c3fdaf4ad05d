import {
  fail,
  type ImageId,
  type ImageStatus,
  type LeftReason,
  maxPublished,
  type SessionId,
  type UserId,
} from '@spinbay/contracts';
import { sql } from 'kysely';
import { type NewEvent, recordEvent, recordEvents } from '../events/record-event.ts';
import { noteSpin } from '../sessions/note-spin.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { type ImageRow, imagesOfSession, imagesVersion } from './list-images.ts';

/**
 * Releases a measured image. Publishing what is published already changes nothing and keeps the first time.
 * @param by.override releases also one that failed quality control, which is recorded
 */
export async function publishImage(tx: OrgTx, imageId: ImageId, by: { userId: UserId; override: boolean }) {
  const image = await lockImage(tx, imageId);
  if (image === undefined) return fail('image_not_found');
  if (image.status !== 'published') {
    if (image.status !== 'processed' && !(image.status === 'failed' && image.measured)) {
      return fail('image_not_publishable', `It is ${image.status === 'failed' ? 'unreadable' : image.status}.`);
    }
    const override = image.status === 'failed';
    if (override && !by.override) return fail('override_required');
    await tx.run(
      build
        .updateTable('images')
        .set({ status: 'published', published_at: sql`now()`, published_by: by.userId, publish_override: override })
        .where(tx.ofOrg('images'))
        .where('id', '=', imageId),
    );
    // A failed one that counts as good now may take its slot back.
    if (override) await noteSpin(tx, image.session_id);
    await recordEvent(tx, { ...released(imageId, by.userId), ...(override ? { meta: { override } } : {}) });
  }
  return readImage(tx, image.session_id, imageId);
}

/** Takes a release back: the image is what it was before, processed or failed. What is not published stays as it is. */
export async function unpublishImage(tx: OrgTx, imageId: ImageId, userId: UserId) {
  const image = await lockImage(tx, imageId);
  if (image === undefined) return fail('image_not_found');
  if (image.status === 'published') {
    await tx.run(
      build
        .updateTable('images')
        .set({
          status: image.publish_override ? 'failed' : 'processed',
          published_at: null,
          published_by: null,
          publish_override: false,
        })
        .where(tx.ofOrg('images'))
        .where('id', '=', imageId),
    );
    if (image.publish_override) await noteSpin(tx, image.session_id);
    await recordEvent(tx, { ...released(imageId, userId), type: 'image.unpublished' });
  }
  return readImage(tx, image.session_id, imageId);
}

export interface PublishedSession {
  /** Released now. */
  readonly published: ImageRow[];
  readonly alreadyPublished: number;
  /** Current frames that were not released. */
  readonly left: { imageId: ImageId; reason: LeftReason }[];
}

/**
 * Releases all current frames of a session that passed. What failed is left for a person to decide on, one by one. Two
 * reviewers at once release each frame once.
 */
export async function publishSession(tx: OrgTx, sessionId: SessionId, userId: UserId) {
  if ((await imagesVersion(tx, sessionId)) === undefined) return fail('session_not_found');
  const wanted = await lockPassed(tx, sessionId);
  const published = await tx.run(
    build
      .updateTable('images')
      .set({ status: 'published', published_at: sql`now()`, published_by: userId })
      .where(tx.ofOrg('images'))
      .where(sql<boolean>`id = any(${wanted}::uuid[])`)
      .where('status', '=', 'processed')
      .returning('id'),
  );
  const ids = published.map((image) => image.id);
  await recordEvents(
    tx,
    ids.map((id) => released(id, userId)),
  );
  const rows = await tx.run(
    sql<ImageRow>`select i.*, u.name as publisher_name ${imagesOfSession(tx, sessionId)}
      where i.id = any(${ids}::uuid[]) order by i.angle_deg nulls last, i.created_at, i.id`,
  );
  const others = await tx.first(
    sql<{ published: number }>`select count(*)::int as published ${imagesOfSession(tx, sessionId)}
      where not i.superseded and i.status = 'published' and i.id <> all(${ids}::uuid[])`,
  );
  const left = await tx.run(
    sql<{ id: ImageId; status: ImageStatus; measured: boolean }>`
      select i.id, i.status, i.qc is not null as measured ${imagesOfSession(tx, sessionId)}
      where not i.superseded and i.status <> 'published'
      order by i.angle_deg nulls last, i.created_at, i.id limit ${maxPublished}`,
  );
  return {
    published: rows,
    alreadyPublished: others?.published ?? 0,
    left: left.map(({ id, status, measured }) => ({ imageId: id, reason: reasonOf(status, measured) })),
  } satisfies PublishedSession;
}

function reasonOf(status: ImageStatus, measured: boolean): LeftReason {
  if (status === 'failed') return measured ? 'failed_qc' : 'unreadable';
  return status === 'pending' || status === 'expired' ? status : 'too_many';
}

/** The current frames that passed, held until the transaction ends: in the order of their ids, as everywhere. */
async function lockPassed(tx: OrgTx, sessionId: SessionId): Promise<ImageId[]> {
  const passed = await tx.run(
    sql<{ id: ImageId }>`select i.id ${imagesOfSession(tx, sessionId)}
      where not i.superseded and i.status = 'processed' order by i.id limit ${maxPublished}`,
  );
  const held = await tx.run(
    sql<{ id: ImageId }>`select i.id from images i
      where ${tx.ofOrg('i')} and i.id = any(${passed.map((image) => image.id)}::uuid[]) order by i.id for update`,
  );
  return held.map((image) => image.id);
}

function lockImage(tx: OrgTx, imageId: ImageId) {
  return tx.first(
    build
      .selectFrom('images')
      .select(['status', 'session_id', 'publish_override', sql<boolean>`qc is not null`.as('measured')])
      .where(tx.ofOrg('images'))
      .where(tx.ofVisibleSite('images.site_id'))
      .where('id', '=', imageId)
      .forUpdate(),
  );
}

async function readImage(tx: OrgTx, sessionId: SessionId, imageId: ImageId) {
  const image = await tx.first(
    sql<ImageRow>`select i.*, u.name as publisher_name ${imagesOfSession(tx, sessionId)} where i.id = ${imageId}`,
  );
  return image === undefined ? fail('image_not_found') : { image };
}

function released(imageId: ImageId, userId: UserId): NewEvent {
  return {
    entityType: 'image',
    entityId: imageId,
    type: 'image.published',
    actor: { type: 'user', id: userId },
  };
}

import { fail, type ImageId, maxPublished, type SessionId, type SlotId, type UserId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvents } from '../events/record-event.ts';
import { recordChanges } from '../outbox/record-change.ts';
import { lockSession } from '../sessions/lock-session.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import type { OrgTx } from '../store/org-tx.ts';
import type { ImageRow } from './image-row.ts';
import { readImages } from './list-images.ts';
import { markUnpublished } from './mark-unpublished.ts';

export interface UnpublishedSession {
  /** Images that this call unpublished. */
  readonly unpublished: ImageRow[];
  /** The number of frames that remain published until the next request. */
  readonly stillPublished: number;
}

/** Unpublishes the frames of a session, at most `maxPublished` of them. They become processed or failed again. */
export async function unpublishSession(tx: OrgTx, sessionId: SessionId, userId: UserId) {
  const session = await lockSession(tx, sessionId);
  if (session === undefined) return fail('session_not_found');
  const published = await tx.run(
    sql<{ id: ImageId; slot_id: SlotId | null }>`select i.id, i.slot_id from images i
      where ${tx.ofOrg('i')} and i.session_id = ${sessionId} and i.status = 'published'
      order by i.angle_deg nulls last, i.created_at, i.id`,
  );
  const wanted = published.slice(0, maxPublished);
  const ids = wanted.map(({ id }) => id);
  await markUnpublished(tx, ids);
  await recordChanges(
    tx,
    session,
    ids.map((imageId) => ({ type: 'image.unpublished', imageId })),
  );
  await settleSlots(
    tx,
    session,
    wanted.map((image) => image.slot_id),
  );
  await recordEvents(
    tx,
    ids.map((id) => ({
      entityType: 'image',
      entityId: id,
      type: 'image.unpublished',
      actor: { type: 'user', id: userId },
    })),
  );
  return {
    unpublished: await readImages(tx, sessionId, ids),
    stillPublished: published.length - ids.length,
  } satisfies UnpublishedSession;
}

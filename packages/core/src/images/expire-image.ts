import type { ImageId } from '@spinbay/contracts';
import { recordEvent } from '../events/record-event.ts';
import { recordChange } from '../outbox/record-change.ts';
import { lockSessionOf } from '../sessions/lock-session.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface PendingImage {
  readonly id: ImageId;
  readonly storageKey: string;
  /** Until then the upload may still come under the URL that was signed last. */
  readonly uploadExpiresAt: Date | null;
}

export interface PendingQuery {
  /** Reserved before. */
  readonly before: Date;
  /** The last one of the page before; `null` for the first page. */
  readonly after: ImageId | null;
  readonly limit: number;
}

/** A page of the frames that are still on their way, by id. */
export function listPendingImages(tx: OrgTx, { before, after, limit }: PendingQuery): Promise<PendingImage[]> {
  return tx.run(
    build
      .selectFrom('images')
      .select(['id', 'storage_key as storageKey', 'upload_expires_at as uploadExpiresAt'])
      .where(tx.ofOrg('images'))
      .where('status', '=', 'pending')
      .where('created_at', '<', before)
      .$if(after !== null, (rows) => rows.where('id', '>', after))
      .orderBy('id')
      .limit(limit),
  );
}

/**
 * Marks a frame whose upload never came; a later upload of it is taken all the same.
 * @param before only if the last signed URL ran out before
 */
export async function expireImage(tx: OrgTx, imageId: ImageId, before: Date): Promise<void> {
  const session = await lockSessionOf(tx, imageId);
  if (session === undefined) return;
  const expired = await tx.first(
    build
      .updateTable('images')
      .set({ status: 'expired' })
      .where(tx.ofOrg('images'))
      .where('id', '=', imageId)
      .where('status', '=', 'pending')
      .where('upload_expires_at', '<', before)
      .returning('slot_id'),
  );
  if (expired !== undefined) {
    await recordChange(tx, session, { type: 'image.expired', imageId });
    await settleSlots(tx, session, [expired.slot_id]);
    await recordEvent(tx, {
      entityType: 'image',
      entityId: imageId,
      type: 'image.upload_expired',
      actor: { type: 'system' },
    });
  }
}

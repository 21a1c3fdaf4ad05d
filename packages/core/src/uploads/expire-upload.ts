import type { UploadId } from '@spinbay/contracts';
import { recordEvent } from '../events/record-event.ts';
import { recordChange } from '../outbox/record-change.ts';
import { lockSession } from '../sessions/lock-session.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface UnfinishedUpload {
  readonly id: UploadId;
  readonly storageKey: string;
  /** Until then it may still come under the URL that was signed last. */
  readonly expiresAt: Date | null;
}

export interface UnfinishedQuery {
  /** Announced before. */
  readonly before: Date;
  /** The last one of the page before; `null` for the first page. */
  readonly after: UploadId | null;
  readonly limit: number;
}

/** A page of the uploads that did not come, or were not measured yet, by id. */
export function listUnfinishedUploads(
  tx: OrgTx,
  { before, after, limit }: UnfinishedQuery,
): Promise<UnfinishedUpload[]> {
  return tx.run(
    build
      .selectFrom('uploads')
      .select(['id', 'storage_key as storageKey', 'expires_at as expiresAt'])
      .where(tx.ofOrg('uploads'))
      .where('state', 'in', ['expected', 'stored'])
      .where('created_at', '<', before)
      .$if(after !== null, (rows) => rows.where('id', '>', after))
      .orderBy('id')
      .limit(limit),
  );
}

/**
 * Marks an upload that never came, and its frame where nothing else of it is to come; a later upload is taken all the same.
 * @param before only if the last signed URL ran out before
 */
export async function expireUpload(tx: OrgTx, uploadId: UploadId, before: Date): Promise<void> {
  const place = await tx.first(
    build.selectFrom('uploads').select('session_id').where(tx.ofOrg('uploads')).where('id', '=', uploadId),
  );
  if (place === undefined) return;
  const session = await lockSession(tx, place.session_id);
  if (session === undefined) return;
  const expired = await tx.first(
    build
      .updateTable('uploads')
      .set({ state: 'expired' })
      .where(tx.ofOrg('uploads'))
      .where('id', '=', uploadId)
      .where('state', '=', 'expected')
      .where('expires_at', '<', before)
      .returning(['image_id', 'kind']),
  );
  if (expired === undefined) return;
  const image = await tx.first(
    build
      .updateTable('images')
      .set({ status: 'expired' })
      .where(tx.ofOrg('images'))
      .where('id', '=', expired.image_id)
      .where('status', '=', 'pending')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('uploads')
              .select('id')
              .where(tx.ofOrg('uploads'))
              .whereRef('uploads.image_id', '=', 'images.id')
              .where('state', 'in', ['expected', 'stored']),
          ),
        ),
      )
      .returning('slot_id'),
  );
  if (image !== undefined) {
    await recordChange(tx, session, { type: 'image.expired', imageId: expired.image_id });
    await settleSlots(tx, session, [image.slot_id]);
  }
  await recordEvent(tx, {
    entityType: 'image',
    entityId: expired.image_id,
    type: 'image.upload_expired',
    meta: { kind: expired.kind },
    actor: { type: 'system' },
  });
}

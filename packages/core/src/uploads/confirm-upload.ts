import { type Failure, fail, type ImageId, type UploadId, type UploadKind } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';

export type Confirmed =
  /** No worker has seen its bytes yet: the caller must queue a message, or retract the confirmation. */
  | ({ readonly kind: 'waiting'; readonly storageKey: string } & Confirmation)
  /** A worker has seen its bytes, or a message was queued for it, or it was confirmed, in the last `pauseSeconds`. */
  | { readonly kind: 'known' };

export interface Confirmation {
  readonly uploadId: UploadId;
  readonly confirmedAt: Date;
  /** When a message was queued for it before. */
  readonly requeuedBefore: Date | null;
}

/** A confirmation within this time after a queued message or another confirmation changes nothing. */
const pauseSeconds = 30;

/** Records a client's confirmation that it uploaded the bytes of a frame. Only one of several concurrent callers gets `waiting`. */
export async function confirmUpload(
  tx: OrgTx,
  imageId: ImageId,
  kind: UploadKind,
): Promise<Confirmed | Failure<'image_not_found'>> {
  const waiting = await tx.first(
    build
      .with('before', (query) =>
        query
          .selectFrom('uploads')
          .select(['id', 'requeued_at'])
          .where(tx.ofOrg('uploads'))
          .where(ofVisibleImage(tx, imageId))
          .where('image_id', '=', imageId)
          .where('kind', '=', kind)
          .where('state', 'in', ['expected', 'expired'])
          .where(sql<boolean>`coalesce(requeued_at < now() - make_interval(secs => ${pauseSeconds}), true)`)
          .forUpdate(),
      )
      .updateTable('uploads')
      .from('before')
      // In milliseconds, so that a Date equals it.
      .set({ requeued_at: sql<Date>`date_trunc('milliseconds', now())` })
      .where(tx.ofOrg('uploads'))
      .whereRef('uploads.id', '=', 'before.id')
      .returning([
        'uploads.id as uploadId',
        'uploads.storage_key as storageKey',
        sql<Date>`uploads.requeued_at`.as('confirmedAt'),
        'before.requeued_at as requeuedBefore',
      ]),
  );
  if (waiting !== undefined) return { kind: 'waiting', ...waiting };
  const known = await tx.first(
    build
      .selectFrom('uploads')
      .select('id')
      .where(tx.ofOrg('uploads'))
      .where(ofVisibleImage(tx, imageId))
      .where('image_id', '=', imageId)
      .where('kind', '=', kind),
  );
  return known === undefined ? fail('image_not_found') : { kind: 'known' };
}

function ofVisibleImage(tx: OrgTx, imageId: ImageId) {
  return sql<boolean>`exists (
    select from images i where ${tx.ofOrg('i')} and ${tx.ofVisibleImage('i')} and i.id = ${imageId})`;
}

/**
 * Removes a confirmation if no message could be sent. The time of an earlier message counts again: without it, the
 * reconciler would treat that message as lost while it is still in the queue.
 */
export async function retractConfirmation(tx: OrgTx, confirmation: Confirmation): Promise<void> {
  const { uploadId, confirmedAt, requeuedBefore } = confirmation;
  await tx.run(
    build
      .updateTable('uploads')
      .set({ requeued_at: requeuedBefore })
      .where(tx.ofOrg('uploads'))
      .where('id', '=', uploadId)
      // A message that was queued meanwhile is newer.
      .where('requeued_at', '=', confirmedAt),
  );
}

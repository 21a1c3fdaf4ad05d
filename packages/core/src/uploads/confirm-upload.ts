import { type Failure, fail, type ImageId, type UploadId, type UploadKind } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';

export type Confirmed =
  /** No worker has seen its bytes yet: the caller must queue a message. */
  | { readonly kind: 'waiting'; readonly uploadId: UploadId; readonly storageKey: string }
  /** A worker has seen its bytes, or somebody confirmed it a moment ago. */
  | { readonly kind: 'known' };

/** Confirmations within this time count as one. */
const pauseSeconds = 30;

/** Records a client's confirmation that it uploaded the bytes of a frame. Only one of several concurrent callers gets `waiting`. */
export async function confirmUpload(
  tx: OrgTx,
  imageId: ImageId,
  kind: UploadKind,
): Promise<Confirmed | Failure<'image_not_found'>> {
  const waiting = await tx.first(
    build
      .updateTable('uploads')
      .set({ requeued_at: sql<Date>`now()` })
      .where(tx.ofOrg('uploads'))
      .where(ofVisibleImage(tx, imageId))
      .where('image_id', '=', imageId)
      .where('kind', '=', kind)
      .where('state', 'in', ['expected', 'expired'])
      .where(sql<boolean>`coalesce(requeued_at < now() - make_interval(secs => ${pauseSeconds}), true)`)
      .returning(['id as uploadId', 'storage_key as storageKey']),
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

/** Removes a confirmation if no message could be sent. */
export async function retractConfirmation(tx: OrgTx, uploadId: UploadId): Promise<void> {
  await tx.run(
    build.updateTable('uploads').set({ requeued_at: null }).where(tx.ofOrg('uploads')).where('id', '=', uploadId),
  );
}

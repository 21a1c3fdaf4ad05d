import type { ImageId, UploadId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { bumpImagesVersion } from '../images/bump-images-version.ts';
import { showFailure } from '../images/show-upload.ts';
import { recordChange } from '../outbox/record-change.ts';
import { lockSession, lockSessionOf } from '../sessions/lock-session.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

/**
 * Marks an upload that did not arrive as expired, and its frame if no other upload is expected or stored. A later upload is
 * still accepted.
 * @param before only if the last signed URL expired before this time. Default: in any case
 */
export async function expireUpload(tx: OrgTx, uploadId: UploadId, before?: Date): Promise<void> {
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
      .$if(before !== undefined, (query) => query.where('expires_at', '<', before as Date))
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
  } else {
    await bumpImagesVersion(tx, session.id);
  }
  await recordEvent(tx, {
    entityType: 'image',
    entityId: expired.image_id,
    type: 'image.upload_expired',
    meta: { kind: expired.kind },
    actor: { type: 'system' },
  });
}

/** Frames with an unreadable preview whose original was not announced in time, at most 200, oldest first. */
export async function listUnreadableFrames(tx: OrgTx, before: Date): Promise<ImageId[]> {
  const frames = await tx.run(
    sql<{ id: ImageId }>`select i.id ${unreadableFrames(tx, before)} order by i.created_at limit 200`,
  );
  return frames.map(({ id }) => id);
}

/** Fails a frame that `listUnreadableFrames` found, with the failure of its preview. A later original can still replace it. */
export async function failUnreadableFrame(tx: OrgTx, imageId: ImageId, before: Date): Promise<void> {
  const session = await lockSessionOf(tx, imageId);
  if (session === undefined) return;
  const frame = await tx.first(
    sql<{
      failure: { code: string; message: string };
    }>`select preview.failure ${unreadableFrames(tx, before)} and i.id = ${imageId}`,
  );
  if (frame === undefined) return;
  const slotId = await showFailure(tx, imageId, frame.failure);
  await recordChange(tx, session, { type: 'image.failed', imageId });
  await settleSlots(tx, session, [slotId]);
}

function unreadableFrames(tx: OrgTx, before: Date) {
  return sql`
    from images i join uploads preview on ${tx.ofOrg('preview')} and preview.image_id = i.id and preview.kind = 'preview'
    where ${tx.ofOrg('i')} and i.status = 'pending' and preview.state = 'rejected' and preview.expires_at < ${before}
      and not exists (select from uploads u where ${tx.ofOrg('u')} and u.image_id = i.id and u.state in ('expected', 'stored'))`;
}

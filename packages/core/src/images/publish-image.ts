import { fail, type ImageId, type UserId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { currentImages } from '../sessions/session-row.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { ImageRow } from './list-images.ts';

/** Releases a processed image. Publishing what is published already changes nothing and keeps the first time. */
export async function publishImage(tx: OrgTx, imageId: ImageId, userId: UserId) {
  const image = await tx.first(
    build
      .selectFrom('images')
      .select(['status', 'session_id'])
      .where(tx.ofOrg('images'))
      .where(tx.ofVisibleSite('images.site_id'))
      .where('id', '=', imageId)
      .forUpdate(),
  );
  if (image === undefined) return fail('image_not_found');
  if (image.status !== 'processed' && image.status !== 'published')
    return fail('image_not_publishable', `It is ${image.status}.`);
  if (image.status === 'processed') {
    await tx.run(
      build
        .updateTable('images')
        .set({ status: 'published', published_at: sql`now()`, published_by: userId })
        .where(tx.ofOrg('images'))
        .where('id', '=', imageId),
    );
    await recordEvent(tx, {
      entityType: 'image',
      entityId: imageId,
      type: 'image.published',
      actor: { type: 'user', id: userId },
    });
  }
  const row = await tx.first(
    sql<ImageRow>`select * from (${currentImages(tx, sql<boolean>`i.session_id = ${image.session_id}`)}) i where i.id = ${imageId}`,
  );
  return row === undefined ? fail('image_not_found') : { image: row };
}

import type { ImageId, SessionId, SessionMode, SiteId } from '@spinbay/contracts';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import { currentImages } from '../sessions/session-row.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { ImagesTable } from '../store/schema.ts';
import type { OrgStore } from '../store/store.ts';

export type ImageRow = Selectable<ImagesTable> & {
  superseded: boolean;
  /** Of the one who published it. */
  publisher_name: string | null;
};

/** What a poller asks first: a version that changes exactly when something visible of the session's images changes. */
export function imagesVersion(
  tx: OrgTx,
  sessionId: SessionId,
): Promise<{ images_version: string; mode: SessionMode } | undefined> {
  return tx.first(
    build
      .selectFrom('sessions')
      .select(['images_version', 'mode'])
      .where(tx.ofOrg('sessions'))
      .where(tx.ofVisibleSite('sessions.site_id'))
      .where('id', '=', sessionId),
  );
}

/** The same in one round trip. Who goes on to read the images asks for it first, so that a change in between is told next time. */
export function peekImagesVersion(
  store: OrgStore,
  sessionId: SessionId,
): Promise<{ images_version: string; mode: SessionMode } | undefined> {
  return store.peek(
    (ofOrg) => sql<{ images_version: string; mode: SessionMode; site_id: SiteId }>`
      select images_version, mode, site_id from sessions where ${ofOrg('sessions')} and id = ${sessionId}`,
  );
}

/** A session's images: a spin by angle, stills in the order of their making. Only a slot's current frame, unless `superseded`. */
export async function listImages(
  tx: OrgTx,
  session: { id: SessionId; mode: SessionMode },
  page: { limit: number; offset: number; superseded: boolean },
): Promise<{ items: ImageRow[]; total: number }> {
  const order =
    session.mode === 'studio360' ? sql`i.angle_deg nulls last, i.created_at, i.id` : sql`i.created_at, i.id`;
  const rows = await tx.runPrepared(
    sql<ImageRow & { total: number }>`
      select i.*, u.name as publisher_name, (count(*) over ())::int as total
      ${imagesOfSession(tx, session.id)}
      where ${page.superseded} or not i.superseded
      order by ${order} limit ${page.limit} offset ${page.offset}`,
  );
  return { items: rows, total: rows[0]?.total ?? 0 };
}

/** An image of a site that the caller may see. */
export async function getImage(tx: OrgTx, imageId: ImageId): Promise<ImageRow | undefined> {
  const place = await tx.first(
    build
      .selectFrom('images')
      .select('session_id')
      .where(tx.ofOrg('images'))
      .where(tx.ofVisibleSite('images.site_id'))
      .where('id', '=', imageId),
  );
  if (place === undefined) return undefined;
  return tx.first(
    sql<ImageRow>`select i.*, u.name as publisher_name ${imagesOfSession(tx, place.session_id)} where i.id = ${imageId}`,
  );
}

/** The `from` of a session's images `i`, with who published them as `u`. */
export function imagesOfSession(tx: OrgTx, sessionId: SessionId): RawBuilder<unknown> {
  return sql`
    from (${currentImages(tx, sql<boolean>`i.session_id = ${sessionId} and ${tx.ofVisibleSite('i.site_id')}`)}) i
    left join users u on ${tx.ofOrg('u')} and u.id = i.published_by`;
}

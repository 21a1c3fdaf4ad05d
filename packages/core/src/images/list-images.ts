import type { ImageId, SessionId, SiteId } from '@spinbay/contracts';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import { currentImages } from '../sessions/session-row.ts';
import { build, type OrgTx, type Terms } from '../store/org-tx.ts';
import type { ImagesTable } from '../store/schema.ts';
import type { OrgStore } from '../store/store.ts';

export type ImageRow = Selectable<ImagesTable> & {
  superseded: boolean;
  /** Of the one who published it. */
  publisher_name: string | null;
};

/** The version of a session's images: it changes exactly when something visible of them changes. */
export function imagesVersion(tx: OrgTx, sessionId: SessionId): Promise<{ images_version: string } | undefined> {
  return tx.first(versionOf(tx, sessionId));
}

/** The same in one round trip, for pollers. */
export async function pollImagesVersion(store: OrgStore, sessionId: SessionId): Promise<string | undefined> {
  const [session] = await store.readInOneRoundTrip((terms) => versionOf(terms, sessionId));
  return session?.images_version;
}

/**
 * A session's images: a spin by angle, stills in the order of their making. Only a slot's current frame, unless
 * `superseded`.
 */
export async function listImages(
  tx: OrgTx,
  sessionId: SessionId,
  page: ImagesPage,
): Promise<{ items: ImageRow[]; total: number }> {
  const items = await tx.runPrepared(pageOfImages(tx, sessionId, page));
  return { items, total: items[0]?.total ?? 0 };
}

export interface ImagesPage {
  readonly limit: number;
  readonly offset: number;
  readonly superseded: boolean;
}

function versionOf(terms: Terms, sessionId: SessionId) {
  return sql<{ images_version: string; site_id: SiteId }>`
    select images_version, site_id from sessions
    where ${terms.ofOrg('sessions')} and id = ${sessionId} and ${terms.ofVisibleSite('sessions.site_id')}`;
}

export function pageOfImages(terms: Terms, sessionId: SessionId, { limit, offset, superseded }: ImagesPage) {
  return sql<ImageRow & { total: number }>`
    select i.*, u.name as publisher_name, (count(*) over ())::int as total
    ${imagesOfSession(terms, sessionId)}
    where ${String(superseded)}::boolean or not i.superseded
    order by
      case (select mode from sessions where ${terms.ofOrg('sessions')} and id = ${sessionId})
        when 'studio360' then i.angle_deg end nulls last,
      i.created_at, i.id
    limit ${String(limit)}::int offset ${String(offset)}::int`;
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
export function imagesOfSession(terms: Terms, sessionId: SessionId): RawBuilder<unknown> {
  return sql`
    from (${currentImages(terms, sql<boolean>`i.session_id = ${sessionId} and ${terms.ofVisibleSite('i.site_id')}`)}) i
    left join users u on ${terms.ofOrg('u')} and u.id = i.published_by`;
}

import type { ImageId, SessionId, SiteId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import { build, type Conditions, type OrgTx } from '../store/org-tx.ts';
import type { OrgStore } from '../store/store.ts';
import { type ImageRow, imageColumns, imagesOfSession, isCurrent } from './image-row.ts';

/**
 * The version of a session's images. It changes whenever a gallery of the session may look different. For a device it also
 * contains whether the device reads the whole session, which depends on the sites of the device.
 */
export function imagesVersion(tx: OrgTx, sessionId: SessionId): Promise<{ version: string } | undefined> {
  return tx.first(versionOf(tx, sessionId));
}

/** Like `imagesVersion`, in one round trip, for polling. */
export async function pollImagesVersion(store: OrgStore, sessionId: SessionId): Promise<string | undefined> {
  const [session] = await store.readInOneRoundTrip((conditions) => versionOf(conditions, sessionId));
  return session?.version;
}

/**
 * A session's images: a spin by angle, stills by time. Only the current frame of each slot, unless `superseded` is set.
 */
export async function listImages(
  tx: OrgTx,
  sessionId: SessionId,
  page: ImagesPage,
): Promise<{ items: ImageRow[]; total: number }> {
  const [[count], items] = await Promise.all([
    tx.runPrepared(countImages(tx, sessionId, page)),
    tx.runPrepared(pageOfImages(tx, sessionId, page)),
  ]);
  return { items, total: count?.total ?? 0 };
}

export interface ImagesPage {
  readonly limit: number;
  readonly offset: number;
  readonly superseded: boolean;
}

function versionOf(conditions: Conditions, sessionId: SessionId) {
  return sql<{ version: string; site_id: SiteId }>`
    select concat_ws('.', s.images_version, o.names_version, ${conditions.ofWholeSession('s')}) as version, s.site_id
    from sessions s join organizations o on o.id = s.org_id
    where ${conditions.ofOrg('s')} and s.id = ${sessionId} and ${conditions.ofVisibleSession('s')}`;
}

/** The number of images on all pages. */
function countImages(conditions: Conditions, sessionId: SessionId, page: ImagesPage) {
  return sql<{ total: number }>`
    select count(*)::int as total ${imagesOfSession(conditions, sessionId)} and ${isListed(page)}`;
}

export function pageOfImages(conditions: Conditions, sessionId: SessionId, page: ImagesPage) {
  return sql<ImageRow>`
    select ${imageColumns}
    ${imagesOfSession(conditions, sessionId)} and ${isListed(page)}
    order by
      case (select mode from sessions where ${conditions.ofOrg('sessions')} and id = ${sessionId})
        when 'studio360' then i.angle_deg end nulls last,
      i.created_at, i.id
    limit ${page.limit} offset ${page.offset}`;
}

function isListed({ superseded }: ImagesPage): RawBuilder<boolean> {
  return sql<boolean>`(${superseded}::boolean or ${isCurrent()})`;
}

/** An image that the caller may see. */
export async function getImage(tx: OrgTx, imageId: ImageId): Promise<ImageRow | undefined> {
  const place = await tx.first(
    build
      .selectFrom('images')
      .select('session_id')
      .where(tx.ofOrg('images'))
      .where(tx.ofVisibleImage('images'))
      .where('id', '=', imageId),
  );
  return place === undefined ? undefined : (await readImages(tx, place.session_id, [imageId]))[0];
}

/** The images of a session with these ids, by angle and then by time. */
export function readImages(tx: OrgTx, sessionId: SessionId, ids: readonly ImageId[]): Promise<ImageRow[]> {
  return tx.run(
    sql<ImageRow>`select ${imageColumns} ${imagesOfSession(tx, sessionId)} and i.id = any(${ids}::uuid[])
      order by i.angle_deg nulls last, i.created_at, i.id`,
  );
}

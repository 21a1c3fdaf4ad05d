import type { SessionId, SessionMode } from '@spinbay/contracts';
import { type Selectable, sql } from 'kysely';
import { currentImages } from '../sessions/session-row.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { ImagesTable } from '../store/schema.ts';

export type ImageRow = Selectable<ImagesTable> & { superseded: boolean };

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

/** A session's images: a spin by angle, stills in the order of their making. Only a slot's current frame, unless `superseded`. */
export async function listImages(
  tx: OrgTx,
  session: { id: SessionId; mode: SessionMode },
  page: { limit: number; offset: number; superseded: boolean },
): Promise<{ items: ImageRow[]; total: number }> {
  const order =
    session.mode === 'studio360' ? sql`i.angle_deg nulls last, i.created_at, i.id` : sql`i.created_at, i.id`;
  const rows = await tx.run(
    sql<ImageRow & { total: number }>`
      select i.*, (count(*) over ())::int as total
      from (${currentImages(tx, sql<boolean>`i.session_id = ${session.id} and ${tx.ofVisibleSite('i.site_id')}`)}) i
      where ${page.superseded} or not i.superseded
      order by ${order} limit ${page.limit} offset ${page.offset}`,
  );
  return { items: rows, total: rows[0]?.total ?? 0 };
}

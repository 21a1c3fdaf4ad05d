import type { ImageId, OrgId, SessionId, SiteId, SlotId } from '@spinbay/contracts';
import { readUnscoped, type Store } from '../store/store.ts';
import type { Change } from './record-change.ts';

/** A position between two changes. `beforeAllChanges` is before the oldest one. */
export interface ChangePosition {
  readonly xactId: string;
  readonly id: string;
}

export const beforeAllChanges: ChangePosition = { xactId: '0', id: '0' };

export interface ReadChange {
  readonly position: ChangePosition;
  readonly orgId: OrgId;
  readonly type: Change['type'];
  readonly siteId: SiteId;
  readonly sessionId: SessionId;
  readonly imageId: ImageId | null;
  readonly slotId: SlotId | null;
  readonly createdAt: Date;
}

/**
 * The changes of all organizations after a position. No change is skipped, even if its transaction commits late: a change is
 * returned only after every transaction that could write an earlier one has ended. The changes of one session are in the
 * order in which they were made.
 */
export function readChanges(store: Store, after: ChangePosition, limit: number): Promise<ReadChange[]> {
  return readUnscoped(store, { name: 'app.read_outbox', value: 'on' }, async (client) => {
    const { rows } = await client.query(
      `select org_id, id, xact_id, type, site_id, session_id, image_id, slot_id, created_at from outbox
       where (xact_id, id) > ($1::bigint, $2::bigint)
         and xact_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
       order by xact_id, id limit $3`,
      [after.xactId, after.id, limit],
    );
    return rows.map((row) => ({
      position: { xactId: row.xact_id, id: row.id },
      orgId: row.org_id,
      type: row.type,
      siteId: row.site_id,
      sessionId: row.session_id,
      imageId: row.image_id,
      slotId: row.slot_id,
      createdAt: row.created_at,
    }));
  });
}

import type { ImageId, SessionId, SiteId, SlotId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

export type Change =
  | {
      readonly type:
        | 'session.created'
        | 'session.completed'
        | 'session.abandoned'
        | 'session.reopened'
        | 'session.hidden'
        | 'session.restored';
    }
  | {
      readonly type: 'image.processed' | 'image.failed' | 'image.expired' | 'image.published' | 'image.unpublished';
      readonly imageId: ImageId;
    }
  /** The current or the published frame of the slot has changed. */
  | { readonly type: 'slot.settled'; readonly slotId: SlotId };

/**
 * Adds a change to the change feed, in the transaction that makes it.
 * @param session created or locked by this transaction, which keeps the changes of one session in order
 */
export function recordChange(
  tx: OrgTx,
  session: { readonly id: SessionId; readonly site_id: SiteId },
  change: Change,
): Promise<void> {
  return recordChanges(tx, session, [change]);
}

export async function recordChanges(
  tx: OrgTx,
  session: { readonly id: SessionId; readonly site_id: SiteId },
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map((change) => ({
    type: change.type,
    image_id: 'imageId' in change ? change.imageId : null,
    slot_id: 'slotId' in change ? change.slotId : null,
  }));
  await tx.runPrepared(sql`
    insert into outbox (org_id, xact_id, type, site_id, session_id, image_id, slot_id)
    select ${tx.orgId}::uuid,
      greatest(pg_current_xact_id()::text::bigint, (
        select o.xact_id from outbox o where ${tx.ofOrg('o')} and o.session_id = ${session.id}
        order by o.xact_id desc limit 1
      )),
      c.type, ${session.site_id}::uuid, ${session.id}::uuid, c.image_id, c.slot_id
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as c (type text, image_id uuid, slot_id uuid)`);
}

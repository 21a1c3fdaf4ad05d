import type { SlotId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordChanges } from '../outbox/record-change.ts';
import type { LockedSession } from '../sessions/lock-session.ts';
import { recomputeSpinQc } from '../sessions/recompute-spin-qc.ts';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Makes slots consistent with their frames. Every change of an image's state calls this in the same transaction. Apart from the
 * erasure of a session, nothing else writes `current_image_id` and `published_image_id`.
 *
 * The current frame is the newest good one (it was measured and did not fail, or a reviewer published it). The time of a
 * frame is the earlier of the camera's and the server's, so that a phone whose clock is a year ahead does not keep its frame
 * current for a year. Without a good frame, the newest that arrived or is expected is current, else the newest expired one.
 * @param slotIds the slots of the changed images; null for an image without a slot, which is ignored
 */
export async function settleSlots(
  tx: OrgTx,
  session: LockedSession,
  slotIds: readonly (SlotId | null)[] | 'all',
): Promise<void> {
  const wanted = slotIds === 'all' ? null : [...new Set(slotIds)].filter((id) => id !== null);
  if (wanted?.length === 0) return;
  const settled = await tx.runPrepared(sql<{ id: SlotId }>`
    update slots s set current_image_id = f.current_image_id, published_image_id = f.published_image_id
    from (
      select w.id,
        (select i.id from images i where ${tx.ofOrg('i')} and i.slot_id = w.id
          order by (i.status in ('processed', 'published')) desc, (i.status <> 'expired') desc,
            least(i.captured_at, i.created_at) desc, i.id desc
          limit 1) as current_image_id,
        (select i.id from images i where ${tx.ofOrg('i')} and i.slot_id = w.id and i.status = 'published')
          as published_image_id
      from slots w
      where ${tx.ofOrg('w')} and w.session_id = ${session.id}
        and (${wanted}::uuid[] is null or w.id = any(${wanted}::uuid[]))
    ) f
    where ${tx.ofOrg('s')} and s.id = f.id
      and (s.current_image_id, s.published_image_id) is distinct from (f.current_image_id, f.published_image_id)
    returning s.id`);
  await recordChanges(
    tx,
    session,
    settled.map(({ id }) => ({ type: 'slot.settled', slotId: id })),
  );
  await recomputeSpinQc(tx, session);
}

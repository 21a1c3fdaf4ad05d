import type { StorageKeyParts } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Updates a session's figures for the promise, in the transaction in which an upload makes one of its frames visible.
 * Imported photos do not count, because nobody waited for them.
 *
 * The time of the photo comes from the camera's clock, but it cannot be later than the presign. The time from the photo to now
 * has three phases: until the photo arrived in the bucket (including time offline), until a worker started on it, and until
 * its row was complete. The bucket's times are whole seconds, hence the bounds.
 */
export async function recordSeen(tx: OrgTx, { sessionId, uploadId }: StorageKeyParts): Promise<void> {
  await tx.run(sql`
    update sessions s set
      last_shutter_at = greatest(s.last_shutter_at, f.shot),
      seen_at = greatest(s.seen_at, f.seen),
      upload_s = extract(epoch from f.arrived - f.shot),
      queue_s = extract(epoch from f.started - f.arrived),
      work_s = extract(epoch from f.seen - f.started)
    from (
      select shot, seen, started, least(greatest(stored_at, shot), started) as arrived
      from (
        select least(coalesce(i.captured_at, i.created_at), i.created_at) as shot, u.processed_at as seen, u.stored_at,
          least(greatest(u.work_started_at, i.created_at), u.processed_at) as started
        from uploads u join images i on ${tx.ofOrg('i')} and i.id = u.image_id
        where ${tx.ofOrg('u')} and u.id = ${uploadId} and i.captured_by = 'camera'
      ) times
    ) f
    where ${tx.ofOrg('s')} and s.id = ${sessionId}`);
}

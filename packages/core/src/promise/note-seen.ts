import type { ImageId, SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Keeps a session's figures for the promise when one of its frames is completed, in the same transaction. Imported
 * photos count for nothing: nobody waited for them.
 *
 * The shutter is what the camera's clock says, unless that lies after the presign: nothing is sent before it was shot.
 * Three spans lead from it to now: until the photo had arrived in the bucket (an offline phone included), until a
 * worker took it up, until its row was complete. The bucket tells its time in whole seconds, hence the bounds.
 */
export async function noteSeen(tx: OrgTx, sessionId: SessionId, imageId: ImageId): Promise<void> {
  await tx.run(sql`
    update sessions s set
      last_shutter_at = greatest(s.last_shutter_at, f.shot),
      seen_at = greatest(s.seen_at, f.seen),
      upload_s = extract(epoch from f.arrived - f.shot),
      queue_s = extract(epoch from f.started - f.arrived),
      work_s = extract(epoch from f.seen - f.started)
    from (
      select shot, seen, started, least(greatest(uploaded_at, shot), started) as arrived
      from (
        select least(coalesce(i.captured_at, i.created_at), i.created_at) as shot, i.processed_at as seen, i.uploaded_at,
          least(greatest(i.work_started_at, i.created_at), i.processed_at) as started
        from images i where ${tx.ofOrg('i')} and i.id = ${imageId} and i.captured_by = 'camera'
      ) times
    ) f
    where ${tx.ofOrg('s')} and s.id = ${sessionId}`);
}

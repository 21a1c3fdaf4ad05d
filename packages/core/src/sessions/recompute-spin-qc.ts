import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { LockedSession } from './lock-session.ts';
import type { SpinFrame } from './spin-places.ts';
import { compareSpin } from './spin-qc.ts';

/**
 * Compares the current frames of a completed spin and stores the result in its session, in the transaction that changed a
 * frame. Sessions in other states have no result.
 */
export async function recomputeSpinQc(tx: OrgTx, session: LockedSession): Promise<void> {
  if (session.status !== 'completed' || session.shot_list.studio360 === undefined) return;
  // Unreadable frames and frames that have not arrived leave their slot empty.
  const measured = await tx.run(
    sql<SpinFrame>`select i.id, s.angle_deg, i.qc, i.phash, i.colour_grid
      from slots s join images i on ${tx.ofOrg('i')} and i.id = s.current_image_id
      where ${tx.ofOrg('s')} and s.session_id = ${session.id} and s.angle_deg is not null and i.qc is not null`,
  );
  await tx.run(
    build
      .updateTable('sessions')
      .set({ spin_qc: JSON.stringify(compareSpin(session.shot_list, measured)) })
      .where(tx.ofOrg('sessions'))
      .where('id', '=', session.id),
  );
}

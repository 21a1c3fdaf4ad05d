import type { SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';
import { currentImages } from './session-row.ts';
import { compareSpin, type SpinFrame } from './spin-qc.ts';

/**
 * Compares the current frames of a completed spin and keeps the result with its session, in the transaction that changed
 * one of them; of a session in another state it does nothing.
 *
 * The session's row is held meanwhile: two workers that complete the last two frames at once see each other's, and so
 * does whoever completes the session then.
 */
export async function noteSpin(tx: OrgTx, sessionId: SessionId): Promise<void> {
  const session = await tx.first(
    build
      .selectFrom('sessions')
      .select('shot_list')
      .where(tx.ofOrg('sessions'))
      .where('id', '=', sessionId)
      .where('status', '=', 'completed')
      .forNoKeyUpdate(),
  );
  if (session?.shot_list.studio360 === undefined) return;
  const spinQc = compareSpin(session.shot_list, await measuredFrames(tx, sessionId));
  await tx.run(
    build
      .updateTable('sessions')
      .set({ spin_qc: JSON.stringify(spinQc) })
      .where(tx.ofOrg('sessions'))
      .where('id', '=', sessionId),
  );
}

/** The current frames that could be read: one that is still on its way, or was refused, leaves its slot empty. */
function measuredFrames(tx: OrgTx, sessionId: SessionId): Promise<SpinFrame[]> {
  return tx.run(
    sql<SpinFrame>`select i.id, i.angle_deg, i.qc, i.phash
      from (${currentImages(tx, sql<boolean>`i.session_id = ${sessionId} and i.angle_deg is not null`)}) i
      where not i.superseded and i.qc is not null`,
  );
}

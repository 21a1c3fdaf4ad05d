import { type Failure, fail, type SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';

/**
 * Refuses the id of a session that was erased at any site of the organization. Only callers who may see that site are told why.
 */
export async function refuseErasedSession(tx: OrgTx, id: SessionId): Promise<Failure<'session_conflict'> | null> {
  const erased = await tx.first(
    build
      .selectFrom('deletions')
      .select(sql<boolean>`${tx.ofVisibleSite('deletions.site_id')}`.as('visible'))
      .where(tx.ofOrg('deletions'))
      .where('kind', '=', 'session')
      .where('entity_id', '=', id)
      .where('state', '<>', 'scheduled'),
  );
  if (erased === undefined) return null;
  return fail('session_conflict', erased.visible ? 'It was erased.' : undefined);
}

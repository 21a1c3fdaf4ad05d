import type { SessionId, SiteId } from '@spinbay/contracts';
import { build, type OrgTx } from '../store/org-tx.ts';

/** Whether a session of this site was erased. Its id cannot be used again there. */
export async function sessionIsErased(tx: OrgTx, id: SessionId, siteId: SiteId): Promise<boolean> {
  const row = await tx.first(
    build
      .selectFrom('deletions')
      .select('id')
      .where(tx.ofOrg('deletions'))
      .where('kind', '=', 'session')
      .where('entity_id', '=', id)
      .where('site_id', '=', siteId)
      .where('state', '<>', 'scheduled'),
  );
  return row !== undefined;
}

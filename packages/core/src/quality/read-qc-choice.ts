import type { QcChoice } from '@spinbay/contracts';
import { build, type OrgTx } from '../store/org-tx.ts';

/**
 * How the organization judges its frames. While its erasure is scheduled its row is hidden, and the values of the
 * installation apply.
 */
export async function readQcChoice(tx: OrgTx): Promise<QcChoice> {
  const [choice] = await tx.runPrepared(
    build
      .selectFrom('organizations')
      .select(['qc_profile', 'qc_edge_width_fail', 'qc_min_long_side'])
      .where(tx.isOrg('organizations.id')),
  );
  return choice ?? { qc_profile: null, qc_edge_width_fail: null, qc_min_long_side: null };
}

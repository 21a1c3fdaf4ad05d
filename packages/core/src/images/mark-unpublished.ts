import type { ImageId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/** Unpublishes images, which become processed or failed again. The caller must settle the slots. */
export async function markUnpublished(tx: OrgTx, ids: readonly ImageId[]): Promise<void> {
  await tx.run(sql`
    update images i set status = case when i.publish_override then 'failed' else 'processed' end,
      published_at = null, published_by = null, publish_override = false
    where ${tx.ofOrg('i')} and i.id = any(${ids}::uuid[]) and i.status = 'published'`);
}

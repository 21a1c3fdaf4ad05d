import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Removes an organization's changes from before a time, oldest first.
 * @param limit the maximum number of rows to examine, which bounds the cost even if there is nothing to remove
 * @returns the number of removed changes
 */
export async function pruneChanges(tx: OrgTx, before: Date, limit: number): Promise<number> {
  const removed = await tx.run(sql`
    delete from outbox o
    using (
      select oldest.id from (
        select k.id, k.created_at from outbox k where ${tx.ofOrg('k')} order by k.id limit ${limit}
      ) oldest where oldest.created_at < ${before}
    ) old
    where ${tx.ofOrg('o')} and o.id = old.id
    returning o.id`);
  return removed.length;
}

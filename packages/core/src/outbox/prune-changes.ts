import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Removes an organization's changes from before a time, the oldest first.
 * @param limit rows that are looked at: with nothing to remove this costs no more than with something
 * @returns how many were removed
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

import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Deletes expired events of an organization: reported events after `days`, the audit log after the time that the
 * organization sets. Events younger than 30 days are never deleted.
 * @param limit the maximum number of events of each kind that one call deletes
 * @returns the number of deleted events
 */
export async function expireEvents(tx: OrgTx, days: number, limit: number): Promise<number> {
  const row = await tx.first(
    sql<{ removed: number }>`select expire_events(${days}, ${limit}) as removed where ${tx.orgId}::uuid is not null`,
  );
  return row?.removed ?? 0;
}

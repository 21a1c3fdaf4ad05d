import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Deletes events of an organization that are older than they are kept: reported ones after `days`, the audit log as the
 * organization sets it. Nothing younger than 30 days is deleted.
 * @param limit of each of both at most
 * @returns how many were deleted
 */
export async function expireEvents(tx: OrgTx, days: number, limit: number): Promise<number> {
  const row = await tx.first(
    sql<{ removed: number }>`select expire_events(${days}, ${limit}) as removed where ${tx.orgId}::uuid is not null`,
  );
  return row?.removed ?? 0;
}

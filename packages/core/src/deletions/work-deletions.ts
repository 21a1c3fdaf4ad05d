import type { OrgId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';
import { readUnscoped, type Store } from '../store/store.ts';
import type { DeletionKind } from './deletion-kind.ts';

export interface DueDeletion {
  readonly id: string;
  readonly kind: DeletionKind;
  readonly state: 'scheduled' | 'erased';
  /** The prefix of its photos' storage keys. A vehicle has none: its sessions have them. */
  readonly prefix: string | null;
  readonly attempts: number;
}

/** The prefix of the storage keys of the photos that the deletion with the alias `d` erases. */
export const prefixOfDeletion = sql<string | null>`case d.kind
  when 'organization' then 'org/' || d.org_id || '/'
  when 'session' then 'org/' || d.org_id || '/site/' || d.site_id || '/session/' || d.entity_id || '/' end`;

/** Due deletions of all organizations, sessions before their vehicles. */
export function listDueDeletions(store: Store, limit: number): Promise<{ orgId: OrgId; id: string }[]> {
  return readUnscoped(store, { name: 'app.list_deletions', value: 'on' }, async (client) => {
    const { rows } = await client.query<{ org_id: OrgId; id: string }>(
      `select org_id, id from deletions where state <> 'done' and next_try_at <= now()
       order by kind = 'vehicle', next_try_at limit $1`,
      [limit],
    );
    return rows.map((row) => ({ orgId: row.org_id, id: row.id }));
  });
}

/**
 * Leases a due deletion, so that no other worker gets it for some time.
 * @returns undefined if it is not due, for example because another worker has leased it
 */
export function claimDeletion(tx: OrgTx, id: string, leaseMs: number): Promise<DueDeletion | undefined> {
  return tx.first(sql<DueDeletion>`
    update deletions d set attempts = d.attempts + 1, next_try_at = now() + make_interval(secs => ${leaseMs / 1000})
    where ${tx.ofOrg('d')} and d.id = ${id} and d.state <> 'done' and d.next_try_at <= now()
    returning d.id, d.kind, d.state, d.attempts, ${prefixOfDeletion} as prefix`);
}

/** Extends the lease during the work. */
export async function renewClaim(tx: OrgTx, id: string, leaseMs: number): Promise<void> {
  await tx.run(sql`update deletions d set next_try_at = now() + make_interval(secs => ${leaseMs / 1000})
    where ${tx.ofOrg('d')} and d.id = ${id}`);
}

/**
 * Deletes rows after their objects were deleted. For a large organization, one call deletes only some of them. A vehicle is
 * deleted only after its sessions, which have separate deletions.
 * @returns whether all rows were deleted
 */
export async function eraseRows(tx: OrgTx, id: string): Promise<boolean> {
  const row = await tx.first(
    sql<{ done: boolean }>`select erase_rows(${id}) as done where ${tx.orgId}::uuid is not null`,
  );
  return row?.done ?? false;
}

/** Records that no more uploads for the erased data can arrive. */
export async function finishDeletion(tx: OrgTx, id: string): Promise<void> {
  await tx.run(
    sql`update deletions d set state = 'done' where ${tx.ofOrg('d')} and d.id = ${id} and d.state = 'erased'`,
  );
}

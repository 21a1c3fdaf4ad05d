import type { OrgId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';
import { readUnscoped, type Store } from '../store/store.ts';
import type { DeletionKind } from './deletion-kind.ts';

export interface DueDeletion {
  readonly id: string;
  readonly kind: DeletionKind;
  readonly state: 'scheduled' | 'erased';
  /** What the storage keys of its photos begin with; a vehicle has none of its own. */
  readonly prefix: string | null;
  readonly attempts: number;
}

/** Deletions of all organizations that are due, sessions before the vehicles that they belong to. */
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
 * Takes a deletion that is due for some time, in which no other worker gets it.
 * @returns undefined when another one was faster
 */
export function claimDeletion(tx: OrgTx, id: string, leaseMs: number): Promise<DueDeletion | undefined> {
  return tx.first(sql<DueDeletion>`
    update deletions d set attempts = d.attempts + 1, next_try_at = now() + make_interval(secs => ${leaseMs / 1000})
    where ${tx.ofOrg('d')} and d.id = ${id} and d.state <> 'done' and d.next_try_at <= now()
    returning d.id, d.kind, d.state, d.attempts, case d.kind
      when 'organization' then 'org/' || d.org_id || '/'
      when 'session' then 'org/' || d.org_id || '/site/' || d.site_id || '/session/' || d.entity_id || '/' end as prefix`);
}

/** Keeps a claim while the work on it goes on. */
export async function renewClaim(tx: OrgTx, id: string, leaseMs: number): Promise<void> {
  await tx.run(sql`update deletions d set next_try_at = now() + make_interval(secs => ${leaseMs / 1000})
    where ${tx.ofOrg('d')} and d.id = ${id}`);
}

/**
 * Deletes rows of a deletion whose objects are gone. Of a large organization it deletes some.
 * @returns whether all are gone
 */
export async function eraseRows(tx: OrgTx, id: string): Promise<boolean> {
  const row = await tx.first(
    sql<{ done: boolean }>`select erase_rows(${id}) as done where ${tx.orgId}::uuid is not null`,
  );
  return row?.done ?? false;
}

/** Notes that nothing can arrive any more of what was erased. */
export async function finishDeletion(tx: OrgTx, id: string): Promise<void> {
  await tx.run(
    sql`update deletions d set state = 'done' where ${tx.ofOrg('d')} and d.id = ${id} and d.state = 'erased'`,
  );
}

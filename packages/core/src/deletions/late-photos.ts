import type { OrgId, StorageKeyParts } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';
import { readUnscoped, type Store } from '../store/store.ts';
import { prefixOfDeletion } from './work-deletions.ts';

/**
 * Records that a photo arrived for an erased session, so that a deletion job removes it. While the erasure is only
 * scheduled, a photo is not late, because it will be erased with the session.
 * @returns false if the session was not erased
 */
export async function addLatePhoto(tx: OrgTx, { sessionId, siteId }: StorageKeyParts): Promise<boolean> {
  const added = await tx.first(sql`
    insert into late_photos (org_id, id, deletion_id)
    select d.org_id, gen_random_uuid(), d.id from deletions d
    where ${tx.ofOrg('d')} and d.kind = 'session' and d.entity_id = ${sessionId} and d.site_id = ${siteId}
      and d.state <> 'scheduled'
    returning id`);
  return added !== undefined;
}

/** Late photos of all organizations that are due, the oldest first. */
export function listLatePhotos(store: Store, limit: number): Promise<{ orgId: OrgId; id: string }[]> {
  return readUnscoped(store, { name: 'app.list_deletions', value: 'on' }, async (client) => {
    const { rows } = await client.query<{ org_id: OrgId; id: string }>(
      'select org_id, id from late_photos where next_try_at <= now() order by next_try_at limit $1',
      [limit],
    );
    return rows.map((row) => ({ orgId: row.org_id, id: row.id }));
  });
}

/**
 * Leases a late photo. The lease doubles with each attempt, so it is also the backoff after a failure.
 * @returns the prefix of the photos of its session, or undefined if it is not due
 */
export async function claimLatePhoto(
  tx: OrgTx,
  id: string,
  lease: { readonly firstMs: number; readonly longestMs: number },
): Promise<string | undefined> {
  const claimed = await tx.first(sql<{ prefix: string }>`
    update late_photos l set attempts = l.attempts + 1,
      next_try_at = now() + make_interval(secs => least(${lease.firstMs / 1000} * 2 ^ least(l.attempts, 20), ${lease.longestMs / 1000}))
    from deletions d
    where ${tx.ofOrg('l')} and l.id = ${id} and l.next_try_at <= now() and ${tx.ofOrg('d')} and d.id = l.deletion_id and d.state <> 'scheduled'
    returning ${prefixOfDeletion} as prefix`);
  return claimed?.prefix;
}

/** Forgets a late photo whose object was removed. */
export async function finishLatePhoto(tx: OrgTx, id: string): Promise<void> {
  await tx.run(sql`delete from late_photos l where ${tx.ofOrg('l')} and l.id = ${id}`);
}

import type { UploadId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface UnfinishedUpload {
  readonly id: UploadId;
  readonly storageKey: string;
  /** When its last signed URL expires. Until then it may still arrive. */
  readonly expiresAt: Date | null;
  /** The number of messages that were queued to replace its event. */
  readonly requeues: number;
}

export interface UnfinishedQuery {
  /** Claims uploads that were announced, last requeued and last started before this time. Null: claims none of these. */
  readonly overdueBefore: Date | null;
  /** Also claims uploads that did not arrive and whose last URL expired before this time. */
  readonly expiredBefore: Date;
  /** The length of the lease. */
  readonly claimMs: number;
  readonly limit: number;
}

/** Claims some uploads that did not arrive, or were not measured yet. */
export function claimUnfinishedUploads(
  tx: OrgTx,
  { overdueBefore, expiredBefore, claimMs, limit }: UnfinishedQuery,
): Promise<UnfinishedUpload[]> {
  // Materialized, so that the selection runs once. PostgreSQL could run a subquery for each row and claim more than the limit.
  return tx.run(sql<UnfinishedUpload>`
    with claimed as materialized (
      select c.id from uploads c
      where ${tx.ofOrg('c')} and c.state in ('expected', 'stored')
        and (c.reconcile_after is null or c.reconcile_after <= now())
        and (
          greatest(c.created_at, c.requeued_at, c.work_started_at) < ${overdueBefore}::timestamptz
          or (c.state = 'expected' and c.expires_at < ${expiredBefore}::timestamptz)
        )
      order by c.id limit ${limit} for update skip locked
    )
    update uploads u set reconcile_after = now() + make_interval(secs => ${claimMs / 1000})
    from claimed
    where ${tx.ofOrg('u')} and u.id = claimed.id
    returning u.id, u.storage_key as "storageKey", u.expires_at as "expiresAt", u.requeues`);
}

/** Records that a message was queued to replace an upload's event. */
export async function recordRequeue(tx: OrgTx, uploadId: UploadId): Promise<void> {
  await tx.run(
    build
      .updateTable('uploads')
      .set({ requeues: sql<number>`requeues + 1`, requeued_at: sql<Date>`now()` })
      .where(tx.ofOrg('uploads'))
      .where('id', '=', uploadId),
  );
}

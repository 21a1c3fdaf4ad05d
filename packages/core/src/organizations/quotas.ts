import { fail } from '@spinbay/contracts';
import { sql } from 'kysely';
import { changesOf } from '../events/changes.ts';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { CallerRefused } from '../store/faults.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { getOrganization, lockOrganization } from './organization.ts';

export interface Usage {
  readonly stored_bytes: number;
  /** Since midnight UTC. */
  readonly sessions_today: number;
}

export async function getUsage(tx: OrgTx): Promise<Usage> {
  const row = await tx.first(sql<{ bytes: string; sessions: number }>`
    select (select coalesce(sum(b.bytes), 0) from stored_bytes b where ${tx.ofOrg('b')}) as bytes,
      coalesce((select d.n from session_days d where ${tx.ofOrg('d')} and d.day >= ${today}), 0) as sessions`);
  return { stored_bytes: Number(row?.bytes ?? 0), sessions_today: row?.sessions ?? 0 };
}

export interface Quotas {
  /** Null: no limit. */
  readonly quota_bytes: number | null;
  readonly quota_sessions_per_day: number | null;
}

/** Only the operator of the installation sets quotas, because they protect the installation from its organizations. */
export async function setQuotas(tx: OrgTx, change: Partial<Quotas>, actor: Actor): Promise<void> {
  await lockOrganization(tx);
  const { quota_bytes, quota_sessions_per_day } = await getOrganization(tx);
  const before: Quotas = { quota_bytes, quota_sessions_per_day };
  const after: Quotas = { ...before, ...change };
  const meta = changesOf(before, after);
  if (meta === null) return;
  await tx.run(build.updateTable('organizations').set(after).where(tx.isOrg('organizations.id')));
  const entityId = tx.orgId;
  await recordEvent(tx, { entityType: 'organization', entityId, type: 'organization.changed', meta, actor });
}

/** The storage quota of an organization, and what is used of it. Concurrent announcements may exceed the quota together. */
export interface StorageUse {
  readonly limit: number;
  readonly used: number;
}

/**
 * The storage use, before uploads are announced. Locks the organization: its erasure waits for the end of this transaction, and
 * then for the URLs of its uploads. Concurrent announcements do not wait for each other.
 * @returns null if there is no limit
 * @throws CallerRefused if the organization was erased after the access check
 */
export async function lockStorageUse(tx: OrgTx): Promise<StorageUse | null> {
  const [row] = await tx.runPrepared(sql<{ quota: string | null; used: string | null }>`
    select o.quota_bytes as quota, case when o.quota_bytes is not null then
      (select coalesce(sum(b.bytes), 0) from stored_bytes b where ${tx.ofOrg('b')}) end as used
    from organizations o where ${tx.isOrg('o.id')} for key share of o`);
  if (row === undefined) throw new CallerRefused('this organization is being erased');
  return row.quota === null ? null : { limit: Number(row.quota), used: Number(row.used) };
}

export function storageQuotaReached({ limit, used }: StorageUse) {
  return fail(
    'storage_quota_reached',
    `${inGigabytes(used)} of ${inGigabytes(limit)} are used. Erase sessions, or ask the operator of the installation for more storage. The photo stays on its device, which sends it when there is room.`,
  );
}

/** Counts a session that was just started. @returns a failure, which rolls it back, if the day's quota is used up */
export async function countSession(tx: OrgTx) {
  const counted = await tx.first(sql<{ n: number; quota: number | null }>`
    insert into session_days as d (org_id, day, n) values (${tx.orgId}, ${today}, 1)
    on conflict (org_id) do update set n = case when d.day < excluded.day then 1 else d.n + 1 end,
      day = greatest(d.day, excluded.day)
    returning n, (select o.quota_sessions_per_day from organizations o where ${tx.isOrg('o.id')}) as quota`);
  if (counted === undefined) throw new Error('a session was not counted');
  const { n, quota } = counted;
  if (quota === null || n <= quota) return null;
  return fail(
    'session_quota_reached',
    `The limit is ${quota} sessions a day, and the next day starts at 00:00 UTC. Until then, continue an open session, or ask the operator of the installation for a higher limit. The photos stay on their device, which sends them later.`,
  );
}

/** The day on which the transaction began. A transaction that began after midnight may already have counted the next day. */
const today = sql`(now() at time zone 'utc')::date`;

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toLocaleString('en', { maximumFractionDigits: bytes < 1e9 ? 6 : 1 })} GB`;
}

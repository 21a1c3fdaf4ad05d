import type { OrgId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { lockOrganization } from '../organizations/organization.ts';
import type { OrgTx } from '../store/org-tx.ts';
import { readUnscoped, type Store } from '../store/store.ts';
import { readQcChoice } from './read-qc-choice.ts';

export interface RejudgementRow {
  readonly total: number;
  readonly done: number;
  readonly changed: number;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  /** Since a session was last judged. */
  readonly failures: number;
  /** It ended, and some frames were not judged. */
  readonly gave_up: boolean;
}

/** After this many failures a rejudgement ends. The waits between them add up to half an hour. */
const mostFailures = 8;
const firstWaitSeconds = 15;

export function getRejudgement(tx: OrgTx): Promise<RejudgementRow | undefined> {
  return tx.first(sql<RejudgementRow>`
    select j.total, j.done, j.changed, j.created_at, j.finished_at, j.failures, j.gave_up from qc_rejudgements j where ${tx.ofOrg('j')}`);
}

/**
 * Requests that the worker judges all frames again by the current choice of the organization. A rejudgement that is
 * still running starts again.
 */
export async function requestRejudgement(tx: OrgTx, actor: Actor): Promise<RejudgementRow> {
  await lockOrganization(tx);
  const choice = await readQcChoice(tx);
  const row = await tx.first(sql<RejudgementRow>`
    insert into qc_rejudgements as j (org_id, profile, edge_width_fail, total)
    select ${tx.orgId}::uuid, ${choice.qc_profile}, ${choice.qc_edge_width_fail}, count(*)
    from images i where ${tx.ofOrg('i')} and i.qc is not null
    on conflict (org_id) do update set profile = excluded.profile,
      edge_width_fail = excluded.edge_width_fail, total = excluded.total, done = 0, changed = 0, last_session_id = null,
      created_at = now(), finished_at = null, failures = 0, retry_at = null, gave_up = false
    returning j.total, j.done, j.changed, j.created_at, j.finished_at, j.failures, j.gave_up`);
  if (row === undefined) throw new Error('a rejudgement was not stored');
  await recordEvent(tx, {
    entityType: 'organization',
    entityId: tx.orgId,
    type: 'organization.rejudgement_requested',
    meta: { ...choice, frames: row.total },
    actor,
  });
  return row;
}

/**
 * Records that judging a session failed. Each failure doubles the wait before the next attempt. After the last attempt
 * the rejudgement ends, which is recorded as an event.
 * @returns whether it ended
 */
export async function rejudgementFailed(tx: OrgTx): Promise<boolean> {
  const row = await tx.first(sql<Pick<RejudgementRow, 'done' | 'total' | 'gave_up'>>`
    update qc_rejudgements j set failures = j.failures + 1,
      retry_at = now() + ${firstWaitSeconds}::int * power(2, j.failures) * interval '1 second',
      gave_up = j.failures + 1 >= ${mostFailures},
      finished_at = case when j.failures + 1 >= ${mostFailures} then now() end
    where ${tx.ofOrg('j')} and j.finished_at is null
    returning j.done, j.total, j.gave_up`);
  if (!row?.gave_up) return false;
  await recordEvent(tx, {
    entityType: 'organization',
    entityId: tx.orgId,
    type: 'organization.rejudgement_failed',
    meta: { frames: row.total, done: row.done },
    actor: { type: 'system' },
  });
  return true;
}

/** Organizations whose rejudgement is due, the longest waiting first. */
export function listOpenRejudgements(store: Store): Promise<OrgId[]> {
  return readUnscoped(store, { name: 'app.list_rejudgements', value: 'on' }, async (client) => {
    const { rows } = await client.query<{ org_id: OrgId }>(
      `select org_id from qc_rejudgements where finished_at is null and (retry_at is null or retry_at <= now())
       order by created_at limit 1000`,
    );
    return rows.map((row) => row.org_id);
  });
}

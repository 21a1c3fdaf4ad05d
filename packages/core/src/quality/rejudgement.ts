import type { OrgId, SessionId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
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
  /** The number of failures since a session was last judged. */
  readonly failures: number;
  /** It ended after too many failures in a row. The remaining frames were not judged. */
  readonly gave_up: boolean;
  /** The number of frames in sessions that could not be judged. */
  readonly left_out: number;
}

/** After this many failures of one session, the rejudgement continues without it. */
const attemptsPerSession = 3;
/** After this many failures in a row, a rejudgement ends. The waits between them add up to half an hour. */
const maxFailures = 8;
const firstWaitSeconds = 15;

export function getRejudgement(tx: OrgTx): Promise<RejudgementRow | undefined> {
  return tx.first(sql<RejudgementRow>`
    select j.total, j.done, j.changed, j.created_at, j.finished_at, j.failures, j.gave_up, j.left_out from qc_rejudgements j where ${tx.ofOrg('j')}`);
}

/**
 * Requests that the worker judges all frames again by the current choice of the organization. A rejudgement that is
 * still running starts again.
 */
export async function requestRejudgement(tx: OrgTx, actor: Actor): Promise<RejudgementRow> {
  await lockOrganization(tx);
  const choice = await readQcChoice(tx);
  const row = await tx.first(sql<RejudgementRow>`
    insert into qc_rejudgements as j (org_id, profile, edge_width_fail, min_long_side, total)
    select ${tx.orgId}::uuid, ${choice.qc_profile}, ${choice.qc_edge_width_fail}, ${choice.qc_min_long_side}, count(*)
    from images i where ${tx.ofOrg('i')} and i.qc is not null
    on conflict (org_id) do update set profile = excluded.profile,
      edge_width_fail = excluded.edge_width_fail, min_long_side = excluded.min_long_side, total = excluded.total, done = 0, changed = 0, last_session_id = null,
      created_at = now(), finished_at = null, failures = 0, retry_at = null, gave_up = false, left_out = 0
    returning j.total, j.done, j.changed, j.created_at, j.finished_at, j.failures, j.gave_up, j.left_out`);
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

/** The progress of a rejudgement. */
export interface RejudgementProgress {
  /** Null: no session is done. */
  readonly last_session_id: SessionId | null;
  readonly created_at: Date;
}

/** The condition that frame `i` is one that a rejudgement judges: measured before it was requested. */
export function isRejudged({ created_at }: Pick<RejudgementProgress, 'created_at'>): RawBuilder<boolean> {
  return sql<boolean>`(i.qc is not null and i.processed_at <= ${created_at})`;
}

/** The condition that an attempt of rejudgement `j` may start. */
export const isDue = sql<boolean>`(j.finished_at is null and (j.retry_at is null or j.retry_at <= now()))`;

/** The next session with measured frames, in the order of ids. */
export function nextSession(
  tx: OrgTx,
  { last_session_id }: Pick<RejudgementProgress, 'last_session_id'>,
): Promise<{ id: SessionId } | undefined> {
  return tx.first(sql<{ id: SessionId }>`
    select s.id from sessions s
    where ${tx.ofOrg('s')} and (${last_session_id}::uuid is null or s.id > ${last_session_id}::uuid) and exists (
      select from images i where ${tx.ofOrg('i')} and i.session_id = s.id and i.qc is not null)
    order by s.id limit 1`);
}

/**
 * Records that judging the next session failed. Each failure doubles the wait before the next attempt. After several
 * attempts the session is left out. After too many failures in a row the rejudgement ends, which is recorded as an event.
 * Several workers may fail at one attempt, because each starts while the failure of another is not recorded yet. Only the first
 * of these failures counts: after it, the next attempt is not due.
 * @returns whether the session is retried `later` or was `left_out`, or the whole rejudgement `gave_up`
 */
export async function rejudgementFailed(tx: OrgTx): Promise<'later' | 'left_out' | 'gave_up'> {
  const row = await tx.first(sql<Pick<RejudgementRow, 'done' | 'total' | 'gave_up' | 'failures'> & RejudgementProgress>`
    update qc_rejudgements j set failures = j.failures + 1,
      retry_at = now() + ${firstWaitSeconds}::int * power(2, j.failures) * interval '1 second',
      gave_up = j.failures + 1 >= ${maxFailures},
      finished_at = case when j.failures + 1 >= ${maxFailures} then now() end
    where ${tx.ofOrg('j')} and ${isDue}
    returning j.done, j.total, j.gave_up, j.failures, j.last_session_id, j.created_at`);
  if (row === undefined) return 'later';
  if (row.gave_up) {
    await recordEvent(tx, {
      entityType: 'organization',
      entityId: tx.orgId,
      type: 'organization.rejudgement_failed',
      meta: { frames: row.total, done: row.done },
      actor: { type: 'system' },
    });
    return 'gave_up';
  }
  if (row.failures % attemptsPerSession !== 0) return 'later';
  const broken = await nextSession(tx, row);
  if (broken === undefined) return 'later';
  await tx.run(sql`
    update qc_rejudgements j set last_session_id = ${broken.id}, left_out = j.left_out + (
      select count(*) from images i
      where ${tx.ofOrg('i')} and i.session_id = ${broken.id} and ${isRejudged(row)})
    where ${tx.ofOrg('j')}`);
  return 'left_out';
}

/** Organizations whose rejudgement is due, the oldest request first. */
export function listOpenRejudgements(store: Store): Promise<OrgId[]> {
  return readUnscoped(store, { name: 'app.list_rejudgements', value: 'on' }, async (client) => {
    const { rows } = await client.query<{ org_id: OrgId }>(
      `select org_id from qc_rejudgements where finished_at is null and (retry_at is null or retry_at <= now())
       order by created_at limit 1000`,
    );
    return rows.map((row) => row.org_id);
  });
}

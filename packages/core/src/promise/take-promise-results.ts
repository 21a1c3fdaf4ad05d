import { promisedSeconds, type SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

export interface PromiseResult {
  readonly id: SessionId;
  /** Whether all frames were visible within the promised seconds. */
  readonly kept: boolean;
  /** From the last photo to the last visible frame. Null: a frame is not visible yet. */
  readonly seconds: number | null;
  readonly upload_s: number | null;
  readonly queue_s: number | null;
  readonly work_s: number | null;
}

/**
 * Takes completed sessions whose promised seconds are over. Each completion is taken once, even if several workers ask. No
 * new frame can be announced in a completed session. If a frame still waits for its photo, the promise was not kept, so that
 * sessions also count while no worker processes photos. Sessions of imported photos are taken without a result.
 * @param limit the maximum number of sessions that one call takes
 */
export async function takePromiseResults(tx: OrgTx, limit: number): Promise<PromiseResult[]> {
  const taken = await tx.run(sql<PromiseResult & { counts: boolean }>`
    with due as (
      select s.id, extract(epoch from s.seen_at - s.last_shutter_at)::float8 as seconds,
        exists (select from images i
          where ${tx.ofOrg('i')} and i.session_id = s.id and i.captured_by = 'camera' and i.status = 'pending') as waiting
      from sessions s
      where ${tx.ofOrg('s')} and s.promise_due_at <= now()
      order by s.promise_due_at limit ${limit}
      for no key update of s skip locked
    )
    update sessions s set promise_due_at = null from due
    where ${tx.ofOrg('s')} and s.id = due.id
    returning s.id, due.waiting or due.seconds is not null as counts,
      not due.waiting and due.seconds <= ${promisedSeconds} as kept,
      case when not due.waiting then due.seconds end as seconds, s.upload_s, s.queue_s, s.work_s`);
  return taken.flatMap(({ counts, ...result }) => (counts ? [result] : []));
}

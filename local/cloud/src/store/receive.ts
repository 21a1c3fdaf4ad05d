import type { Queries } from './database.ts';
import { findQueue, numberAttribute, type Queue, redrivePolicy } from './queues.ts';

export interface ReceivedMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  readonly sentAt: Date;
  readonly firstReceivedAt: Date;
  readonly receiveCount: number;
  /** The source queue of a dead letter. */
  readonly sourceQueue: string | null;
}

export interface Take {
  readonly messages: readonly ReceivedMessage[];
  /** The dead-letter queue, if messages were moved to it. */
  readonly deadLetterQueue: string | undefined;
}

/**
 * Receives up to `limit` visible messages, each with a new receipt. Messages that have reached the maximum receive count are
 * moved to the dead-letter queue instead.
 */
export async function takeMessages(
  queries: Queries,
  queue: Queue,
  limit: number,
  visibilitySeconds: number,
): Promise<Take> {
  const policy = redrivePolicy(queue);
  const target = policy ? await findQueue(queries, policy.target) : undefined;
  const maxReceives = policy && target ? policy.maxReceiveCount : 2_147_483_647;
  const moved = policy && target ? await moveDeadLetters(queries, queue, target, maxReceives) : 0;
  const messages = await queries.query<ReceivedMessage>(
    `with picked as (
       select seq from local_cloud.messages
       where queue = $1 and visible_at <= now() and expires_at > now() and receive_count < $4
       order by visible_at, seq limit $2 for update skip locked
     )
     update local_cloud.messages m
     set receipt = gen_random_uuid(), receive_count = receive_count + 1,
         visible_at = now() + make_interval(secs => $3), first_received_at = coalesce(first_received_at, now())
     from picked where m.seq = picked.seq
     returning m.id, m.receipt, m.body, m.sent_at as "sentAt", m.first_received_at as "firstReceivedAt",
       m.receive_count as "receiveCount", (select name from local_cloud.queues q where q.id = m.source_queue) as "sourceQueue"`,
    [queue.id, limit, visibilitySeconds, maxReceives],
  );
  return { messages, deadLetterQueue: moved > 0 ? target?.id : undefined };
}

async function moveDeadLetters(queries: Queries, queue: Queue, target: Queue, maxReceives: number): Promise<number> {
  const moved = await queries.query(
    `update local_cloud.messages
     set queue = $2, source_queue = $1, visible_at = now(), receipt = null,
         expires_at = sent_at + make_interval(secs => $4)
     where seq in (
       select seq from local_cloud.messages
       where queue = $1 and visible_at <= now() and receive_count >= $3 limit 1000 for update skip locked
     )
     returning seq`,
    [queue.id, target.id, maxReceives, numberAttribute(target, 'MessageRetentionPeriod')],
  );
  return moved.length;
}

/** The time until the next hidden message becomes visible, in milliseconds, or undefined if none is hidden. */
export async function nextVisible(queries: Queries, queue: Queue): Promise<number | undefined> {
  const [row] = await queries.query<{ ms: number | null }>(
    `select extract(epoch from min(visible_at) - now())::float8 * 1000 as ms
     from local_cloud.messages where queue = $1 and visible_at > now()`,
    [queue.id],
  );
  return row?.ms ?? undefined;
}

/** Deletes the message whose latest receipt this is. A receipt that a redelivery has replaced has no effect. */
export async function deleteByReceipt(queries: Queries, queue: Queue, receipt: string): Promise<void> {
  await queries.query('delete from local_cloud.messages where queue = $1 and receipt = $2', [queue.id, receipt]);
}

/** @returns 'unknown' if the receipt is not the latest of any message, 'visible' if its visibility timeout has expired */
export async function changeVisibility(
  queries: Queries,
  queue: Queue,
  receipt: string,
  seconds: number,
): Promise<'changed' | 'unknown' | 'visible'> {
  const changed = await queries.query(
    `update local_cloud.messages set visible_at = now() + make_interval(secs => $3)
     where queue = $1 and receipt = $2 and visible_at > now() returning seq`,
    [queue.id, receipt, seconds],
  );
  if (changed.length > 0) return 'changed';
  const sql = 'select from local_cloud.messages where queue = $1 and receipt = $2';
  return (await queries.query(sql, [queue.id, receipt])).length > 0 ? 'visible' : 'unknown';
}

export async function deleteExpired(queries: Queries): Promise<void> {
  await queries.query('delete from local_cloud.messages where expires_at <= now()');
}

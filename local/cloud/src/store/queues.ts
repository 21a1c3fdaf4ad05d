import type { Database, Queries } from './database.ts';
import { notifyQueue } from './listener.ts';

export interface Queue {
  /** A bigint as text. */
  readonly id: string;
  readonly name: string;
  /** SQS attributes by name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

export interface RedrivePolicy {
  /** The name of the dead-letter queue. */
  readonly target: string;
  readonly maxReceiveCount: number;
}

export const queueDefaults = {
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  VisibilityTimeout: '30',
} as const;

export function numberAttribute(queue: Queue, name: keyof typeof queueDefaults): number {
  return Number(queue.attributes[name] ?? queueDefaults[name]);
}

/** Parses the attribute, which was validated when it was set. */
export function redrivePolicy(queue: Queue): RedrivePolicy | undefined {
  const text = queue.attributes.RedrivePolicy;
  if (!text) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as {
    deadLetterTargetArn: string;
    maxReceiveCount: number;
  };
  return { target: deadLetterTargetArn.split(':').at(-1) ?? '', maxReceiveCount: Number(maxReceiveCount) };
}

const columns = 'id::text as id, name, attributes, created_at as "createdAt", modified_at as "modifiedAt"';

export async function findQueue(queries: Queries, name: string): Promise<Queue | undefined> {
  return (await queries.query<Queue>(`select ${columns} from local_cloud.queues where name = $1`, [name]))[0];
}

/** @returns the queue of that name, and whether it is new */
export async function createQueue(
  database: Database,
  name: string,
  attributes: Readonly<Record<string, string>>,
): Promise<{ queue: Queue; created: boolean }> {
  const sql = `insert into local_cloud.queues (name, attributes) values ($1, $2)
    on conflict (name) do nothing returning ${columns}`;
  const [made] = await database.query<Queue>(sql, [name, JSON.stringify(attributes)]);
  if (made) return { queue: made, created: true };
  const found = await findQueue(database, name);
  return found ? { queue: found, created: false } : createQueue(database, name, attributes);
}

export async function setQueueAttributes(
  queries: Queries,
  id: string,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  const sql = 'update local_cloud.queues set attributes = attributes || $2, modified_at = now() where id = $1';
  await queries.query(sql, [id, JSON.stringify(attributes)]);
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
}

export async function countMessages(queries: Queries, id: string): Promise<QueueCounts> {
  const [counts] = await queries.query<QueueCounts>(
    `select count(*) filter (where visible_at <= now())::int as visible,
            count(*) filter (where visible_at > now())::int as "inFlight"
     from local_cloud.messages where queue = $1 and expires_at > now()`,
    [id],
  );
  return counts ?? { visible: 0, inFlight: 0 };
}

/** Adds a message in the caller's transaction. The commit wakes receivers. @returns the message id */
export async function insertMessage(tx: Queries, queue: Queue, body: string): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `insert into local_cloud.messages (queue, body, visible_at, expires_at)
     values ($1, $2, now(), now() + make_interval(secs => $3)) returning id`,
    [queue.id, body, numberAttribute(queue, 'MessageRetentionPeriod')],
  );
  if (!row) throw new Error('an insert returned no row');
  await tx.query(notifyQueue, [queue.id]);
  return row.id;
}

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.ts';

const channel = 'local_cloud_queue';

/** Wakes the receivers of a queue when the transaction commits. Use it in transactions that make a message visible. */
export const notifyQueue = `select pg_notify('${channel}', $1)`;

export interface Listener {
  close(): Promise<void>;
}

/** Without probes, a listener sends nothing, so it would never notice that a firewall has dropped its connection. */
interface Probes {
  readonly everyMs: number;
  /**
   * The connection is closed if the database does not answer within this time. Also applies to the statements that set up
   * the connection.
   */
  readonly answerWithinMs: number;
}

/**
 * Keeps a connection that listens for messages. Its session lock ensures that only one server uses the database: two would
 * delete each other's files.
 * @param onMessage called with the id of a queue that has a new message
 * @param onReconnect called when notifications may have been missed
 * @throws Error if another server holds the lock
 */
export async function openListener(
  url: string,
  events: { onMessage(queueId: string): void; onReconnect(): void },
  log: Log,
  probes: Probes = { everyMs: 10_000, answerWithinMs: 5_000 },
): Promise<Listener> {
  let closed = false;
  let client = await connect(url, events.onMessage, probes);
  let current = follow(client);

  async function follow(connection: pg.Client): Promise<void> {
    await new Promise<void>((resolve) => connection.once('end', resolve));
    while (!closed) {
      log.warn({}, 'lost the connection to the database; reconnecting');
      await sleep(500, undefined, { ref: false });
      try {
        client = await connect(url, events.onMessage, probes);
        if (closed) {
          // The server was closed meanwhile. An open connection would keep the lock, and the next server could not start.
          await client.end();
          return;
        }
      } catch (error) {
        log.warn({ err: error }, 'the database is still unavailable');
        continue;
      }
      log.info({}, 'reconnected to the database');
      current = follow(client);
      events.onReconnect();
      return;
    }
  }

  return {
    close: async () => {
      closed = true;
      await client.end();
      await current;
    },
  };
}

async function connect(
  url: string,
  onMessage: (queueId: string) => void,
  { everyMs, answerWithinMs }: Probes,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: answerWithinMs,
    application_name: 'spinbay local-cloud (listener)',
  });
  client.on('error', () => undefined);
  client.on('notification', (notification) => onMessage(notification.payload ?? ''));
  await client.connect();
  try {
    // The database must also notice a lost connection, because its session keeps the lock until then. By default, that takes
    // two hours.
    await client.query(
      'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 5; set tcp_user_timeout = 20000',
    );
    await takeLock(client);
    await client.query(`listen ${channel}`);
    probe(client, everyMs);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

/** Closes the connection when the database no longer answers. */
function probe(client: pg.Client, everyMs: number): void {
  const ask = async () => {
    try {
      await client.query('select 1');
      timer = setTimeout(ask, everyMs);
    } catch {
      await client.end();
    }
  };
  let timer = setTimeout(ask, everyMs);
  client.once('end', () => clearTimeout(timer));
}

/** Retries for 3 s, because the session of a killed server ends a moment after its process. */
async function takeLock(client: pg.Client): Promise<void> {
  for (const deadline = Date.now() + 3_000; ; await sleep(100)) {
    const { rows } = await client.query<{ taken: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('local_cloud server', 0)) as taken`,
    );
    if (rows[0]?.taken) return;
    if (Date.now() > deadline) {
      throw new Error(
        'Another S3 and SQS server is running on this database. Stop it, or choose another data folder (SPINBAY_DATA_DIR).',
      );
    }
  }
}

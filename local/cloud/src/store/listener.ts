import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.ts';

const channel = 'local_cloud_queue';

/** For a transaction that makes a message visible: wakes the receivers of the queue once it is committed. */
export const notifyQueue = `select pg_notify('${channel}', $1)`;

export interface Listener {
  close(): Promise<void>;
}

/**
 * Keeps one connection that listens for messages, and that by its session lock makes this the only server of the database:
 * two would clean up each other's files.
 * @param onMessage called with the id of a queue that got something
 * @param onReconnect called whenever notifications may have been missed
 * @throws Error if another server holds the lock
 */
export async function openListener(
  url: string,
  events: { onMessage(queueId: string): void; onReconnect(): void },
  log: Log,
): Promise<Listener> {
  let closed = false;
  let client = await connect(url, events.onMessage);
  let current = follow(client);

  async function follow(connection: pg.Client): Promise<void> {
    await new Promise<void>((resolve) => connection.once('end', resolve));
    while (!closed) {
      log.warn({}, 'the database is gone; trying to reach it again');
      await sleep(500, undefined, { ref: false });
      try {
        client = await connect(url, events.onMessage);
        if (closed) {
          // Closed while connecting: kept open, this connection would hold the lock against the next server.
          await client.end();
          return;
        }
      } catch (error) {
        log.warn({ err: error }, 'the database is still away');
        continue;
      }
      log.info({}, 'the database is back');
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

async function connect(url: string, onMessage: (queueId: string) => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'spinbay local-cloud (listener)',
  });
  client.on('error', () => undefined);
  client.on('notification', (notification) => onMessage(notification.payload ?? ''));
  await client.connect();
  try {
    await takeLock(client);
    await client.query(`listen ${channel}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

/** The session of a predecessor that was killed ends a moment after it. */
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

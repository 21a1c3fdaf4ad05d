import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { s3Message } from '@spinbay/contracts';
import { createQueue } from '@spinbay/queue';
import pg from 'pg';
import type { Installation, Place } from '../e2e/support/installation.ts';
import { secretsOf } from '../e2e/support/secrets.ts';
import type { QueueFaults } from './faults.ts';

/** The database and the queue of an installation, with superuser rights, for faults and for the final checks. */
export interface Storage extends QueueFaults {
  /** Rows of the database of the API and the worker. */
  rows<Row>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** Rows of the database of the object store and the queue. */
  cloudRows<Row>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** Ids of the files with the objects' bytes. */
  blobs(): Promise<Set<string>>;
  sha256OfBlob(id: string): Promise<string>;
}

const bucket = 'spinbay';

export function openStorage(place: Place, { endpoints }: Installation): Storage {
  const secrets = secretsOf(place);
  const queue = createQueue({
    endpoint: new URL(endpoints.queue).origin,
    region: 'us-east-1',
    queueUrl: endpoints.queue,
    credentials: secrets.accessKeys.admin,
  });
  // A connection for each statement: the server may have been killed since the last one.
  const run = async <Row>(database: string, statement: string, values: unknown[]): Promise<Row[]> => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: Number(new URL(endpoints.database).port),
      user: 'postgres',
      password: secrets.postgresPassword,
      database,
      connectionTimeoutMillis: 5_000,
      query_timeout: 30_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(statement, values)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  const folder = join(place.dataDir, 'objects', 'blobs');
  const storage: Storage = {
    rows: (statement, values = []) => run('spinbay', statement, values),
    cloudRows: (statement, values = []) => run('spinbay_cloud', statement, values),
    async repeat(count) {
      const known = await storage.rows<{ key: string }>(
        `select storage_key as key from uploads where state <> 'expected' order by random() limit $1`,
        [count],
      );
      for (const { key } of known) await queue.send(s3Message({ bucket, key }));
    },
    async lose(count) {
      await storage.cloudRows(
        `delete from local_cloud.messages where seq in
          (select seq from local_cloud.messages order by random() limit $1)`,
        [count],
      );
    },
    async blobs() {
      const shards = await readdir(folder);
      return new Set((await Promise.all(shards.map((shard) => readdir(join(folder, shard))))).flat());
    },
    async sha256OfBlob(id) {
      return createHash('sha256')
        .update(await readFile(join(folder, id.slice(0, 2), id)))
        .digest('hex');
    },
  };
  return storage;
}

import type { AccessKey } from './access.ts';
import type { Cloud } from './cloud.ts';
import { diskReserve } from './disk-reserve.ts';
import type { Log } from './log.ts';
import { serve } from './server.ts';
import { QueueSignals } from './sqs/signals.ts';
import { openBlobs, sweepBlobs } from './store/blobs.ts';
import { openBuckets } from './store/buckets.ts';
import { claimFolder } from './store/claim-folder.ts';
import { openDatabase } from './store/database.ts';
import { openListener } from './store/listener.ts';
import { deleteExpired } from './store/receive.ts';

export interface LocalCloudOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The folder for object data. Created if missing. */
  readonly dataDir: string;
  /** A PostgreSQL database for this server only. Its tables are in the schema `local_cloud`. */
  readonly databaseUrl: string;
  readonly accessKeys: readonly AccessKey[];
  readonly region: string;
  /** The maximum size of an object. Default: 5 GiB, as in Amazon S3. */
  readonly maxObjectBytes?: number;
  /** Default: `diskReserve`. */
  readonly reserveBytes?: number;
  readonly log: Log;
}

export interface LocalCloud {
  /** The endpoint of both S3 (path-style) and SQS. */
  readonly url: string;
  readonly port: number;
  /** Waits up to 15 s for running requests, then releases all resources. */
  close(): Promise<void>;
}

const graceMs = 15_000;
const expiryMs = 60_000;

/** Removes the leftovers of an earlier run and starts the S3 and SQS server. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { databaseUrl, dataDir, log } = options;
  const database = await openDatabase(databaseUrl, log);
  const closing: (() => Promise<void>)[] = [() => database.close()];
  try {
    const signals = new QueueSignals();
    const buckets = await openBuckets(database);
    const onReconnect = () => {
      signals.wakeAll();
      buckets.refresh().catch((error: unknown) => log.warn({ err: error }, 'the buckets could not be refreshed'));
    };
    const listener = await openListener(databaseUrl, { onMessage: (id) => signals.wake(id), onReconnect }, log);
    closing.unshift(() => listener.close());

    const blobs = await openBlobs(dataDir, options.reserveBytes ?? diskReserve);
    await claimFolder(dataDir, database);
    const removed = await sweepBlobs(dataDir, database);
    if (removed > 0) log.info({ removed }, 'removed files that belong to no object');

    const cloud: Cloud = {
      region: options.region,
      accessKeys: new Map(options.accessKeys.map((key) => [key.accessKeyId, key])),
      maxObjectBytes: options.maxObjectBytes ?? 5 * 1024 ** 3,
      database,
      buckets,
      blobs,
      signals,
      log,
    };
    const expiry = setInterval(() => {
      deleteExpired(database).catch((error: unknown) =>
        log.warn({ err: error }, 'expired messages could not be deleted; retrying later'),
      );
    }, expiryMs);
    closing.unshift(async () => clearInterval(expiry));
    const server = await serve(cloud, options.host, options.port);
    closing.unshift(() => server.close(graceMs));
    log.info({ url: server.url }, 'serving S3 and SQS');
    return { url: server.url, port: server.port, close: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close();
}

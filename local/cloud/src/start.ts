import type { AccessKey } from './access.ts';
import type { Cloud } from './cloud.ts';
import type { Log } from './log.ts';
import { serve } from './server.ts';
import { QueueSignals } from './sqs/signals.ts';
import { openBlobs, sweepBlobs } from './store/blobs.ts';
import { openBuckets } from './store/buckets.ts';
import { openDatabase } from './store/database.ts';
import { openListener } from './store/listener.ts';
import { deleteExpired } from './store/receive.ts';

export interface LocalCloudOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Folder of the objects' bytes. Made if missing. */
  readonly dataDir: string;
  /** A PostgreSQL database of its own; the tables go into the schema `local_cloud`. */
  readonly databaseUrl: string;
  readonly accessKeys: readonly AccessKey[];
  readonly region: string;
  /** Largest body of one PUT; 5 GiB if not given, as Amazon S3. */
  readonly maxObjectBytes?: number;
  /** Kept free on the disk: an upload that would eat into it is refused. 64 MiB if not given. */
  readonly reserveBytes?: number;
  readonly log: Log;
}

export interface LocalCloud {
  /** Endpoint of both S3 (path-style) and SQS. */
  readonly url: string;
  readonly port: number;
  /** Lets requests under way end, for 15 s at most, then gives everything back. */
  close(): Promise<void>;
}

const graceMs = 15_000;
const expiryMs = 60_000;

/** Starts the S3 and SQS server, having cleaned up what an earlier one left behind. */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { databaseUrl, dataDir, log } = options;
  const database = await openDatabase(databaseUrl, log);
  const closing: (() => Promise<void>)[] = [() => database.close()];
  try {
    const signals = new QueueSignals();
    const buckets = await openBuckets(database);
    const onReconnect = () => {
      signals.wakeAll();
      buckets.refresh().catch((error: unknown) => log.warn({ err: error }, 'the buckets could not be read again'));
    };
    const listener = await openListener(databaseUrl, { onMessage: (id) => signals.wake(id), onReconnect }, log);
    closing.unshift(() => listener.close());

    const blobs = await openBlobs(dataDir, options.reserveBytes ?? 64 * 1024 * 1024);
    const removed = await sweepBlobs(dataDir, database);
    if (removed > 0) log.info({ removed }, 'removed files of uploads that were never acknowledged');

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
      deleteExpired(database).catch((error: unknown) => log.warn({ err: error }, 'expired messages stay for now'));
    }, expiryMs);
    closing.unshift(async () => clearInterval(expiry));
    const server = await serve(cloud, options.host, options.port);
    closing.unshift(() => server.close(graceMs));
    log.info({ url: server.url }, 'S3 and SQS are served');
    return { url: server.url, port: server.port, close: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closing) await close();
}

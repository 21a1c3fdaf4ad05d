import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestPostgres } from '@spinbay/local-postgres/testing';
import { createLogger } from '@spinbay/runtime';
import type { ServerAddress } from './set-up/ensure-bucket.ts';
import { startLocalCloud } from './start.ts';

/** An S3 and SQS server with its address, and credentials that allow everything. */
export interface TestCloud extends ServerAddress {
  /** Stops the server, and removes its database and its folder. */
  stop(): Promise<void>;
}

/** Starts a server on a free port, with a separate database and folder. */
export async function startTestCloud({ region = 'us-east-1' } = {}): Promise<TestCloud> {
  const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'a secret of the test' };
  const dataDir = await mkdtemp(join(tmpdir(), 'spinbay-cloud-test-'));
  const postgres = await startTestPostgres();
  const cloud = await startLocalCloud({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: postgres.url,
    accessKeys: [credentials],
    region,
    log: createLogger({ name: 'cloud', level: 'silent' }),
  });
  return {
    endpoint: cloud.url,
    region,
    credentials,
    stop: async () => {
      await cloud.close();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

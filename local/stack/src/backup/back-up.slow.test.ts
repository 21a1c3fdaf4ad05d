import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeCluster, startPostgres } from '@spinbay/local-postgres';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from '../data-folder.ts';
import { writeEndpoints } from '../endpoints.ts';
import { backUp } from './back-up.ts';

let parent: string;
let dataDir: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'spinbay-backup-'));
  // As root, PostgreSQL runs as another user, which must reach the folder.
  await chmod(parent, 0o755);
  dataDir = join(parent, 'data');
  await mkdir(join(dataDir, 'objects/blobs'), { recursive: true });
});
afterEach(async () => {
  await removeCluster(join(dataDir, 'postgres')).catch(() => undefined);
  await rm(parent, { recursive: true, force: true });
});

const url = 'http://127.0.0.1:1';
const addresses = { api: url, portal: url, capture: url, objects: url, queue: url, oidc: url };
const database = 'postgres://spinbay_app@127.0.0.1:1/spinbay';

test.each([
  ['left its addresses behind', () => writeEndpoints(dataDir, { ...addresses, database, demo: null })],
  ['left a damaged file of addresses behind', () => writeFile(join(dataDir, 'endpoints.json'), '{')],
])('backs up an installation that was killed and %s', async (_, leaveAddresses) => {
  const { secrets } = await openDataFolder(dataDir, []);
  const server = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: 0,
    superuserPassword: secrets.postgresPassword,
    log: { info: () => undefined },
  });
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query('create database spinbay_cloud');
  await client.end();
  await server.stop('fast');
  await leaveAddresses();
  await mkdir(join(dataDir, 'running'));
  await writeFile(join(dataDir, 'running/1-0.held'), '');

  const file = join(parent, 'spinbay.backup');
  const result = await backUp({ dataDir, file, version: '1.0.0', onProgress: () => undefined });
  expect(result.blobs).toBe(0);
  expect(result.bytes).toBeGreaterThan(1e6);
});

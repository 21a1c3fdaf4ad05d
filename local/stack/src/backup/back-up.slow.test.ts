import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateFiles } from '@spinbay/local-gateway';
import { removeCluster, startPostgres } from '@spinbay/local-postgres';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from '../data-folder.ts';
import { writeEndpoints } from '../endpoints.ts';
import { ensureCertificates } from '../lan/certificates.ts';
import { backUp } from './back-up.ts';
import { restore } from './restore.ts';

let parent: string;
let dataDir: string;
let restored: string | undefined;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'spinbay-backup-'));
  // As root, PostgreSQL runs as another user, which must reach the folder.
  await chmod(parent, 0o755);
  dataDir = join(parent, 'data');
  await mkdir(join(dataDir, 'objects/blobs'), { recursive: true });
});
afterEach(async () => {
  await removeCluster(join(dataDir, 'postgres')).catch(() => undefined);
  if (restored !== undefined) await removeCluster(join(restored, 'postgres')).catch(() => undefined);
  restored = undefined;
  await rm(parent, { recursive: true, force: true });
});

const url = 'http://127.0.0.1:1';
const addresses = { api: url, portal: url, capture: url, objects: url, queue: url, oidc: url, has_local_queue: true };
const database = 'postgres://spinbay_app@127.0.0.1:1/spinbay';

test.each([
  ['left its addresses behind', () => writeEndpoints(dataDir, { ...addresses, database, demo: null })],
  ['left a damaged file of addresses behind', () => writeFile(join(dataDir, 'endpoints.json'), '{')],
])('backs up an installation that was killed and %s', async (_, leaveAddresses) => {
  await makeDatabase();
  await leaveAddresses();
  await mkdir(join(dataDir, 'running'));
  await writeFile(join(dataDir, 'running/1-0.held'), '');

  const file = join(parent, 'spinbay.backup');
  const result = await backUp({ dataDir, file, version: '1.0.0', onProgress: () => undefined });
  expect(result.blobs).toBe(0);
  expect(result.bytes).toBeGreaterThan(1e6);
});

test('a restored installation keeps the certificate authority that phones have accepted', async () => {
  await makeDatabase();
  const names = { address: '192.168.1.20', others: [], hosts: ['studio.local'] };
  await ensureCertificates(dataDir, names);
  const file = join(parent, 'spinbay.backup');
  await backUp({ dataDir, file, version: '1.0.0', onProgress: () => undefined });

  restored = join(parent, 'restored');
  await restore({ file, dataDir: restored, onProgress: () => undefined });
  const [before, after] = [certificateFiles(dataDir), certificateFiles(restored)];
  expect(await ensureCertificates(restored, names)).toEqual({ hasOtherAuthority: false });
  expect(await readFile(after.authority)).toEqual(await readFile(before.authority));
  const folder = join(restored, 'lan');
  const modes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).mode & 0o077);
  expect(new Set(await Promise.all([...modes, stat(folder).then(({ mode }) => mode & 0o077)]))).toEqual(new Set([0]));
});

async function makeDatabase(): Promise<void> {
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
}

import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCluster } from './cluster.ts';
import { PostgresError } from './postgres-error.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'spinbay-cluster-'));
  await chmod(dataDir, 0o755);
});
afterEach(() => rm(dataDir, { recursive: true }));

/** Root can read everything. */
async function asRegularUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a missing or empty folder has no database', async () => {
  expect(await findCluster(dataDir)).toBeUndefined();
  await mkdir(join(dataDir, 'cluster'));
  expect(await findCluster(dataDir)).toBeUndefined();
});

test('a folder whose content cannot be listed does not count as empty', async () => {
  const cluster = join(dataDir, 'cluster');
  await mkdir(cluster);
  await writeFile(join(cluster, 'base'), '');
  // Its files can be opened by name, but not listed.
  await chmod(cluster, 0o311);
  const error = await asRegularUser(() => findCluster(dataDir)).catch((reason: unknown) => reason);
  await chmod(cluster, 0o700);
  expect(error).toBeInstanceOf(PostgresError);
  expect(error).toMatchObject({ code: 'folder_unusable', message: expect.stringContaining(cluster) });
  expect(String(error)).toContain('Give this user permission to read');
});

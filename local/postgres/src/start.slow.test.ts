import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@spinbay/runtime/testing';
import { build } from 'esbuild';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { findCluster, removeCluster } from './cluster.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres } from './start.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const isRoot = process.getuid?.() === 0;
const quiet = { info: () => undefined };

/** A data folder that the database user can access (`open`), or that root's database user cannot (`closed`). */
async function dataFolder(kind: 'open' | 'closed' = 'open'): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'spinbay-pg-test-'));
  await chmod(parent, kind === 'open' ? 0o755 : 0o700);
  const folder = join(parent, 'data');
  await mkdir(folder);
  if (kind === 'open') await chmod(folder, 0o755);
  cleanUps.push(async () => {
    await removeCluster(folder).catch(() => undefined);
    await rm(parent, { recursive: true, force: true });
  });
  return folder;
}

async function start(dataDir: string, more: Partial<PostgresOptions> = {}): Promise<RunningPostgres> {
  const running = await startPostgres({ dataDir, port: 0, superuserPassword: 'p@ss/word', log: quiet, ...more });
  cleanUps.push(() => running.stop('immediate').catch(() => undefined));
  return running;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

test.each(['', '{"cluster": "/var/l', 'null', '{}'])(
  'a damaged pointer to the database (%j) is named, and no empty database replaces it',
  async (text) => {
    const dataDir = await dataFolder();
    await writeFile(join(dataDir, 'cluster.json'), text);
    await expect(start(dataDir)).rejects.toThrow(/cluster\.json is damaged/);
    expect(await readdir(dataDir)).not.toContain('cluster');
  },
);

describe('startPostgres', () => {
  test('keeps data after a stop and after kill -9 of the server, and is durable by default', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await query(first.url, 'create table t (a int)');
    await query(first.url, 'insert into t values (1)');
    const setting = (name: string) => query(first.url, `show ${name}`);
    expect(await setting('fsync')).toEqual(['on']);
    expect(await setting('full_page_writes')).toEqual(['on']);
    expect(await setting('max_connections')).toEqual(['100']);
    expect(await setting('listen_addresses')).toEqual(['127.0.0.1']);
    expect(await setting('unix_socket_directories')).toEqual(['']);
    expect(await query(first.url, "select datlocale from pg_database where datname = 'postgres'")).toEqual(['C.UTF-8']);
    await first.stop();

    const second = await start(dataDir);
    expect(second.adopted).toBe(false);
    await query(second.url, 'insert into t values (2)');
    process.kill(second.pid, 'SIGKILL');
    await second.exited;

    const third = await start(dataDir);
    expect(await query(third.url, 'select a from t order by a')).toEqual([1, 2]);
  });

  test('adopts the server of a killed supervisor, and restarts it for another port', async () => {
    const dataDir = await dataFolder();
    const supervisor = await forkBundled(`
      import { startPostgres } from './index.ts';
      const running = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, port: 0, superuserPassword: 'p@ss/word', log: { info() {} } });
      process.send(running.pid);
      setInterval(() => {}, 1000);`);
    const [pid] = (await once(supervisor, 'message')) as [number];
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');

    const adopted = await start(dataDir);
    expect(adopted).toMatchObject({ adopted: true, pid });
    await query(adopted.url, 'create table kept (a int)');

    const moved = await start(dataDir, { port: await freePort() });
    await adopted.exited;
    expect(moved.adopted).toBe(false);
    expect(await query(moved.url, 'select count(*)::int from kept')).toEqual([0]);
  });

  test('ignores a postmaster.pid whose process id belongs to another process', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    const stale = await readFile(pidFile, 'utf8');
    await first.stop();
    await writeFile(pidFile, stale.replace(/^\d+/, String(process.pid)));
    const second = await start(dataDir);
    expect(await query(second.url, 'select 1')).toEqual([1]);
  });

  test('starts over after an interrupted initdb', async () => {
    const dataDir = await dataFolder();
    const leftOver = join(dataDir, 'cluster.init-999999999');
    await mkdir(join(leftOver, 'base'), { recursive: true });
    const running = await start(dataDir);
    expect(await query(running.url, 'select 1')).toEqual([1]);
    expect((await readdir(dataDir)).filter((name) => name.includes('.init-'))).toEqual([]);
  });

  test('requires the password and listens on TCP only', async () => {
    const running = await start(await dataFolder());
    const wrong = new URL(running.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('works below a folder with mode 0700; as root, it places the cluster elsewhere', async () => {
    const dataDir = await dataFolder('closed');
    const first = await start(dataDir);
    await query(first.url, 'create table t (a int)');
    expect(await findCluster(dataDir)).toMatch(isRoot ? /^\/var\/lib\/spinbay\// : /\/data\/cluster$/);
    await first.stop();
    const second = await start(dataDir);
    expect(await query(second.url, 'select count(*)::int from t')).toEqual([0]);
  });

  test('deletes a throw-away database when it stops', async () => {
    const dataDir = await dataFolder('closed');
    const running = await start(dataDir, { throwAway: true, durable: false });
    expect(await query(running.url, 'show fsync')).toEqual(['off']);
    await running.stop();
    expect((await readdir(dataDir)).filter((name) => name.startsWith('cluster'))).toEqual([]);
  });
});

describe('explains', () => {
  test('that the port is in use', async () => {
    const dataDir = await dataFolder();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    cleanUps.push(async () => other.close());
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(start(dataDir, { port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining(`Port ${port}`),
    });
  });

  test('that the data folder cannot be used', async () => {
    const dataDir = await dataFolder();
    await writeFile(join(dataDir, 'file'), '');
    await expect(start(join(dataDir, 'file'))).rejects.toMatchObject({ code: 'folder_unusable' });
    await mkdir(join(dataDir, 'cluster'));
    await writeFile(join(dataDir, 'cluster', 'letter.txt'), '');
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'folder_unusable',
      message: expect.stringContaining('not empty'),
    });
  });

  test('that the data folder comes from another major version, naming both', async () => {
    const dataDir = await dataFolder();
    const running = await start(dataDir);
    await running.stop();
    await writeFile(join(dataDir, 'cluster', 'PG_VERSION'), '17\n');
    await expect(start(dataDir)).rejects.toMatchObject({
      code: 'version_mismatch',
      message: expect.stringMatching(/PostgreSQL 17, .* PostgreSQL 18/),
    });
  });

  test('that the saved password is wrong', async () => {
    const dataDir = await dataFolder();
    await (await start(dataDir)).stop();
    await expect(start(dataDir, { superuserPassword: 'another' })).rejects.toMatchObject({ code: 'wrong_password' });
  });
});

/** Bundles a script to JavaScript and runs it in a child process. */
async function forkBundled(contents: string): Promise<ChildProcess> {
  const outfile = join(import.meta.dirname, `../../../node_modules/.cache/spinbay-tests/${randomUUID()}.mjs`);
  await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg'],
    outfile,
  });
  cleanUps.push(() => rm(outfile));
  return fork(outfile);
}

test('starts several test databases at once and leaves nothing behind', async () => {
  const { startTestPostgres, withTestPostgres } = await import('./testing.ts');
  const several = await Promise.all([startTestPostgres(), startTestPostgres(), startTestPostgres()]);
  for (const { url } of several) expect(await query(url, 'select 1')).toEqual([1]);
  await Promise.all(several.map((one) => one.stop()));
  for (const { pid } of several) expect(() => execFileSync('kill', ['-0', String(pid)], { stdio: 'ignore' })).toThrow();
  expect(await withTestPostgres((url) => query(url, 'select 2'))).toEqual([2]);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { lastLines } from './cluster.ts';
import { diskFull, errorCode, PostgresError } from './postgres-error.ts';
import { environment, identity, isAlive, run } from './run.ts';

export type StopMode = 'fast' | 'immediate';

export interface ServerOptions {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly cluster: string;
  /** 0: any free port. */
  readonly port: number;
  readonly superuserPassword: string;
  readonly durable: boolean;
  /** The file for PostgreSQL's stderr. */
  readonly logFile: string;
}

export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  /** Settles when the server process has ended, for any reason. */
  readonly exited: Promise<void>;
  stop(mode?: StopMode): Promise<void>;
}

/** Crash recovery replays the log first, which can take minutes on a slow disk. */
const startSeconds = 180;

export function serverUrl(port: number, password: string): string {
  return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

/** Starts the server of a cluster and waits until it accepts connections. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port === 0 ? await freePort() : options.port;
    if (options.port !== 0) await assertPortIsFree(port);
    try {
      return await launch(options, port);
    } catch (error) {
      if (!(error instanceof PostgresError) || attempt === 5) throw error;
      // Another process may have taken the free port before it was used.
      const raced = options.port === 0 && error.code === 'port_taken';
      // The children of a killed server may outlive it briefly.
      const lingering = error.message.includes('pre-existing shared memory block');
      if (!raced && !lingering) throw error;
      await sleep(200 * attempt);
    }
  }
}

async function launch(options: ServerOptions, port: number): Promise<RunningServer> {
  const { binaries, account, cluster, logFile } = options;
  await writeConfiguration(options, port);
  await keepLogSmall(logFile);
  const log = await open(logFile, 'a', 0o600);
  const from = (await log.stat()).size;
  let child: ChildProcess;
  try {
    child = spawn(binaries.postgres, ['-D', cluster], {
      ...identity(account),
      cwd: cluster,
      // In its own session, so that Ctrl-C in a terminal reaches only this process, which stops the server last.
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      windowsHide: true,
      ...(environment ? { env: environment } : {}),
    });
    await once(child, 'spawn');
  } finally {
    await log.close();
  }
  const pid = child.pid;
  if (pid === undefined) throw new PostgresError('start_failed', 'PostgreSQL did not start: it has no process id.');
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + startSeconds * 1000; ; ) {
    if (ended) throw startFailure(await readFrom(logFile, from), cluster, port);
    const state = await probe(port, options.superuserPassword);
    if (state === 'wrong_password' || Date.now() > deadline) {
      child.kill('SIGINT');
      await exited;
      if (state === 'wrong_password') throw wrongPassword(cluster);
      throw new PostgresError('start_failed', `PostgreSQL did not answer within ${startSeconds} s. See ${logFile}.`);
    }
    if (state === 'ready') break;
    await sleep(20);
  }
  // The server must not keep this process alive. Only connections to it may.
  child.unref();
  return { port, pid, exited, stop: (mode) => stopServer(options, exited, mode) };
}

/**
 * Finds a running server of this cluster that outlived its supervisor. Stops it if it listens on another port than
 * `options.port`.
 * @returns undefined if none runs any longer. Then a stale postmaster.pid, which would prevent a start, is removed.
 */
export async function adoptServer(options: ServerOptions): Promise<RunningServer | undefined> {
  const pidFile = join(options.cluster, 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!(pid > 0)) return undefined;
  for (const deadline = Date.now() + startSeconds * 1000; await isServer(pid, options); ) {
    const state = await probe(port, options.superuserPassword);
    if (state === 'wrong_password') throw wrongPassword(options.cluster);
    if (state === 'ready') {
      const exited = watchPid(pid, options);
      const server = { port, pid, exited, stop: (mode?: StopMode) => stopServer(options, exited, mode) };
      if (options.port === 0 || options.port === port) return server;
      await server.stop();
      return undefined;
    }
    if (Date.now() > deadline) {
      throw new PostgresError(
        'start_failed',
        `A PostgreSQL server of ${options.cluster} is running (process ${pid}) but does not answer on port ${port}. Stop that process and start again.`,
      );
    }
    await sleep(100);
  }
  // PostgreSQL removes a stale file itself, unless another process of the same user has the process id.
  await rm(pidFile, { force: true });
  return undefined;
}

/** `pg_ctl status` accepts any process with the id. On Linux, also checks that it is a live process of this cluster. */
async function isServer(pid: number, { binaries, account, cluster }: ServerOptions): Promise<boolean> {
  const { status } = await run(binaries.pgCtl, ['status', '-D', cluster], { account, cwd: cluster });
  if (status !== 0) return false;
  if (process.platform !== 'linux') return true;
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (state === '' || /\) [ZX] /.test(state)) return false;
  const arguments_ = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return arguments_.includes(cluster);
}

async function watchPid(pid: number, options: ServerOptions): Promise<void> {
  while (isAlive(pid)) await sleep(250, undefined, { ref: false });
  if (await isServer(pid, options)) return watchPid(pid, options);
}

async function stopServer(options: ServerOptions, exited: Promise<void>, mode: StopMode = 'fast'): Promise<void> {
  const { binaries, account, cluster } = options;
  const args = ['stop', '-D', cluster, '-m', mode, '-w', '-t', '60'];
  const { status, output } = await run(binaries.pgCtl, args, { account, cwd: cluster });
  if (status !== 0 && !/does not exist|No such process|not running/.test(output)) {
    throw new PostgresError('start_failed', `PostgreSQL of ${cluster} could not be stopped: ${lastLines(output)}`);
  }
  await exited;
}

async function writeConfiguration(options: ServerOptions, port: number): Promise<void> {
  const lines = [
    '# Spinbay overwrites this file at every start. Put your changes into postgresql.conf.',
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    "unix_socket_directories = ''",
    'max_connections = 100',
    "password_encryption = 'scram-sha-256'",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    'log_checkpoints = off',
    // Keeps statements, which contain data of tenants, out of the log.
    'log_min_error_statement = panic',
    "log_line_prefix = '%m [%p] '",
  ];
  if (!options.durable) lines.push('fsync = off', 'synchronous_commit = off', 'full_page_writes = off');
  const file = join(options.cluster, 'spinbay.conf');
  await writeFile(`${file}.new`, `${lines.join('\n')}\n`, { mode: 0o600 });
  if (options.account) await chown(`${file}.new`, options.account.uid, options.account.gid);
  await rename(`${file}.new`, file);
}

async function keepLogSmall(logFile: string): Promise<void> {
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0;
  if (size > 4_000_000) await rename(logFile, `${logFile}.1`);
}

async function probe(port: number, password: string): Promise<'ready' | 'not_ready' | 'wrong_password'> {
  const client = new pg.Client({ connectionString: serverUrl(port, password), connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return 'ready';
  } catch (error) {
    return errorCode(error) === '28P01' ? 'wrong_password' : 'not_ready';
  } finally {
    await client.end().catch(() => undefined);
  }
}

function wrongPassword(cluster: string): PostgresError {
  return new PostgresError(
    'wrong_password',
    `The database in ${cluster} does not accept the saved superuser password. Restore the matching file with the passwords, or choose another data folder (SPINBAY_DATA_DIR).`,
  );
}

function portTaken(port: number): PostgresError {
  return new PostgresError(
    'port_taken',
    `Port ${port} on 127.0.0.1 is in use by another program. Stop that program, or choose another port for PostgreSQL (SPINBAY_PG_PORT).`,
  );
}

function startFailure(log: string, cluster: string, port: number): PostgresError {
  if (/No space left on device/.test(log)) return diskFull(cluster);
  if (/could not create any TCP\/IP sockets|Address already in use/.test(log)) return portTaken(port);
  return new PostgresError('start_failed', `PostgreSQL exited during its start: ${lastLines(log)}`);
}

async function readFrom(file: string, position: number): Promise<string> {
  return (await readFile(file)).subarray(position).toString();
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}

function freePort(): Promise<number> {
  return listenOnce(0);
}

async function assertPortIsFree(port: number): Promise<void> {
  await listenOnce(port).catch((error: unknown) => {
    if (errorCode(error) === 'EADDRINUSE') throw portTaken(port);
    throw new PostgresError(
      'start_failed',
      `PostgreSQL cannot listen on port ${port}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  });
}

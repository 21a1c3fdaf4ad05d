import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, chooseAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { initCluster, temporaryFolder } from './cluster.ts';
import { makeStateFolder } from './folder.ts';
import { errorCode } from './postgres-error.ts';
import { copyFolder } from './run.ts';
import { type RunningServer, type StopMode, serverUrl, startServer } from './server.ts';
import { startWatchdog } from './watchdog.ts';

export interface TestPostgres {
  /** Superuser, database `postgres`. */
  readonly url: string;
  readonly pid: number;
  /** Kills the server like `kill -9`, or restarts it on the same port, for crash tests. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Stops the server and deletes everything. */
  stop(): Promise<void>;
}

export interface TestPostgresOptions {
  /** Turns on fsync, for tests that kill the server. */
  readonly durable?: boolean;
}

/**
 * Starts an empty throw-away PostgreSQL on a free port in about 0.3 s, from a copy of a cluster that the first caller on
 * this machine creates. It ends with this process, even if the process is killed.
 */
export async function startTestPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const account = await chooseAccount();
  const temporary = await temporaryFolder(account);
  const cache = join(temporary, `spinbay-postgres-${process.getuid?.() ?? 'cache'}`);
  await makeStateFolder(cache);
  if (process.getuid && (await stat(cache)).uid !== process.getuid()) {
    throw new Error(`${cache} belongs to another user: delete it or set TMPDIR to a folder of your own.`);
  }
  const binaries = await findBinaries(account, cache);
  const template = await findTemplate(cache, binaries, account);
  const folder = join(temporary, `spinbay-test-${randomUUID()}`);
  await mkdir(folder, { mode: 0o700 });
  if (account) await chown(folder, account.uid, account.gid);
  const cluster = join(folder, 'cluster');
  await copyFolder(template.cluster, cluster);

  const settings = {
    binaries,
    account,
    cluster,
    superuserPassword: template.password,
    durable: options.durable ?? false,
    logFile: join(folder, 'postgres.log'),
  };
  let server: RunningServer = await startServer({ ...settings, port: 0 });
  const { port } = server;
  let watchdog = startWatchdog(server, folder);
  const stop = async (mode: StopMode) => {
    await server.stop(mode);
    watchdog.dismiss();
  };
  return {
    url: serverUrl(port, template.password),
    get pid() {
      return server.pid;
    },
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    restart: async () => {
      server = await startServer({ ...settings, port });
      watchdog = startWatchdog(server, folder);
    },
    stop: async () => {
      await stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `use` with a throw-away PostgreSQL and deletes it afterwards. */
export async function withTestPostgres<T>(use: (url: string) => Promise<T>): Promise<T> {
  const postgres = await startTestPostgres();
  try {
    return await use(postgres.url);
  } finally {
    await postgres.stop();
  }
}

interface Template {
  readonly cluster: string;
  readonly password: string;
}

/** Finds or creates the cluster to copy. Several processes may create it at once. The first one to finish wins. */
async function findTemplate(cache: string, binaries: Binaries, account: Account | undefined): Promise<Template> {
  const owner = `${account?.uid ?? 'self'}`;
  const key = createHash('sha256').update(`${binaries.version} ${owner} 1`).digest('hex').slice(0, 12);
  const folder = join(cache, `template-${key}`);
  const read = async (): Promise<Template | undefined> => {
    const password = await readFile(join(folder, 'password'), 'utf8').catch(() => undefined);
    return password === undefined ? undefined : { cluster: join(folder, 'cluster'), password };
  };
  const earlier = await read();
  if (earlier) return earlier;
  const password = randomBytes(18).toString('base64url');
  const unfinished = `${folder}.${randomUUID()}`;
  try {
    await makeStateFolder(unfinished);
    await initCluster(join(unfinished, 'cluster'), { binaries, account, superuserPassword: password, durable: false });
    await writeFile(join(unfinished, 'password'), password, { mode: 0o600 });
    await rename(unfinished, folder).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  const made = await read();
  if (!made) throw new Error(`${folder} was deleted while it was being created: run the test again.`);
  return made;
}

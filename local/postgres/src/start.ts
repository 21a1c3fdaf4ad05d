import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chooseAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import {
  assertSameMajor,
  clusterMajor,
  findCluster,
  initCluster,
  placeCluster,
  rememberCluster,
  removeCluster,
  stateFolder,
} from './cluster.ts';
import { folderError } from './postgres-error.ts';
import { adoptServer, type StopMode, serverUrl, startServer } from './server.ts';
import { watchOverThrowAway } from './watchdog.ts';

/** Of a pino logger, what is used. */
export interface Log {
  info(details: object, message: string): void;
}

export interface PostgresOptions {
  /** The database is in here, in `cluster`, or where `cluster.json` in here says. Made if missing. */
  readonly dataDir: string;
  /** On 127.0.0.1; 0: any free one. */
  readonly port: number;
  /** Of the role `postgres`. Set when the database is made, asked for ever after. */
  readonly superuserPassword: string;
  /** The database is deleted when it is stopped or when this process dies. */
  readonly throwAway?: boolean;
  /** False turns fsync off: a power cut then destroys the database. For tests only. */
  readonly durable?: boolean;
  readonly log: Log;
}

export interface RunningPostgres {
  /** Superuser, database `postgres`, scram-sha-256 over TCP on 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True: the server had outlived an earlier supervisor and was running. */
  readonly adopted: boolean;
  /** Settles when the server process has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** `fast` ends the connections and writes everything out; `immediate` leaves a recovery to the next start. */
  stop(mode?: StopMode): Promise<void>;
}

/**
 * Starts the PostgreSQL of a data folder: makes the database at the first start, adopts a server that is still running
 * after its supervisor was killed, and recovers one that was killed itself.
 * @throws PostgresError in words: port taken, folder not writable, other major version, no binaries, disk full.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { log, superuserPassword, throwAway = false, durable = true } = options;
  const dataDir = resolve(options.dataDir);
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.W_OK);
  } catch (error) {
    throw folderError(dataDir, error);
  }
  const existing = await findCluster(dataDir);
  const account = await chooseAccount(existing);
  const binaries = await findBinaries(account, await stateFolder(dataDir, account, throwAway));
  const cluster = existing ?? (await placeCluster(dataDir, account, throwAway));
  if (existing === undefined) {
    log.info({ cluster, version: binaries.version }, 'making the database');
    await initCluster(cluster, { binaries, account, superuserPassword, durable });
    await rememberCluster(dataDir, cluster);
  }
  assertSameMajor(cluster, (await clusterMajor(cluster)) ?? '', binaries);

  const server = {
    binaries,
    account,
    cluster,
    port: options.port,
    superuserPassword,
    durable,
    logFile: join(dataDir, 'postgres.log'),
  };
  const adopted = await adoptServer(server);
  const running = adopted ?? (await startServer(server));
  log.info({ pid: running.pid, port: running.port, adopted: adopted !== undefined }, 'PostgreSQL is up');
  const dog = throwAway ? watchOverThrowAway(running, cluster) : undefined;
  return {
    url: serverUrl(running.port, superuserPassword),
    port: running.port,
    pid: running.pid,
    adopted: adopted !== undefined,
    exited: running.exited,
    stop: async (mode) => {
      await running.stop(mode);
      dog?.dismiss();
      if (throwAway) await removeCluster(dataDir);
    },
  };
}

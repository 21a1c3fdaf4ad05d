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
import { startWatchdog } from './watchdog.ts';

/** The part of a pino logger that is used. */
export interface Log {
  info(details: object, message: string): void;
}

export interface PostgresOptions {
  /** The database is in its subfolder `cluster`, or in the folder that its `cluster.json` names. Created if missing. */
  readonly dataDir: string;
  /** The port on 127.0.0.1. 0: any free port. */
  readonly port: number;
  /** The password of the role `postgres`. Set when the database is created. */
  readonly superuserPassword: string;
  /** Deletes the database when it is stopped or when this process dies. */
  readonly throwAway?: boolean;
  /** False turns off fsync, so a power failure can destroy the database. For tests only. */
  readonly durable?: boolean;
  readonly log: Log;
}

export interface RunningPostgres {
  /** Superuser, database `postgres`, scram-sha-256 over TCP on 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** True if the server was already running, because it outlived an earlier supervisor. */
  readonly adopted: boolean;
  /** Settles when the server process has ended, for any reason. */
  readonly exited: Promise<void>;
  /** `fast` closes the connections and flushes all data. `immediate` leaves a recovery to the next start. */
  stop(mode?: StopMode): Promise<void>;
}

/**
 * Starts the PostgreSQL server of a data folder. Creates the database at the first start, adopts a server that is still
 * running after its supervisor was killed, and recovers a killed server.
 * @throws PostgresError that explains the fault: port in use, folder not writable, other major version, wrong password, no
 * binaries, disk full
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
    log.info({ cluster, version: binaries.version }, 'creating the database');
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
  const watchdog = throwAway ? startWatchdog(running, cluster) : undefined;
  return {
    url: serverUrl(running.port, superuserPassword),
    port: running.port,
    pid: running.pid,
    adopted: adopted !== undefined,
    exited: running.exited,
    stop: async (mode) => {
      await running.stop(mode);
      watchdog?.dismiss();
      if (throwAway) await removeCluster(dataDir);
    },
  };
}

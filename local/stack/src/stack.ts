import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createStore, migrate, type Store } from '@spinbay/core';
import { type RunningPostgres, startPostgres } from '@spinbay/local-postgres';
import { environmentOf } from '@spinbay/runtime';
import { addressesOf } from './addresses.ts';
import { unfinishedMark } from './backup/format.ts';
import { boundLogs } from './bound-logs.ts';
import { type DataFolder, makeDataFolder, openDataFolder } from './data-folder.ts';
import { prepareDatabases } from './database.ts';
import { demoPeople, prepareDemo } from './demo.ts';
import { type Endpoints, removeEndpoints, writeEndpoints } from './endpoints.ts';
import { lockInstance } from './instance-lock.ts';
import { keepRunning } from './keep-running.ts';
import { type Lan, type LanOptions, prepareLan } from './lan/prepare-lan.ts';
import { writeTrustedCertificates } from './lan/write-trusted-certificates.ts';
import { assertPortsFree } from './ports.ts';
import { isReachableByOthers } from './reachable.ts';
import { StackError } from './stack-error.ts';
import type { StackSettings } from './stack-settings.ts';
import { keepsPhotosLocally, runsLocalCloud, startCloud } from './start-cloud.ts';
import { supervise } from './supervised.ts';

/** The services of one machine and their bundles. */
const bundles = {
  api: 'api.mjs',
  worker: 'worker.mjs',
  eraser: 'eraser.mjs',
  portal: 'portal-server.mjs',
  capture: 'capture-server.mjs',
  oidc: 'oidc.mjs',
  cloud: 'cloud.mjs',
  gateway: 'gateway.mjs',
} as const;
type ServiceName = keyof typeof bundles;

export interface StackOptions {
  readonly settings: StackSettings;
  /** Folder of the bundles, the built apps and the migrations. */
  readonly dist: string;
  /** The caller's environment, passed to the processes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Makes the installation reachable from phones, with one HTTPS address for everything. */
  readonly lan?: LanOptions | undefined;
  /** Called when a phase starts, e.g. "database". */
  readonly onPhase: (phase: string) => void;
  /** Called for events during operation, such as a process that ended and was restarted. */
  readonly onEvent: (line: string) => void;
}

export interface Stack {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  /** The HTTPS address for phones, if there is one. */
  readonly lan: Lan | null;
  /** Whether devices of the demo organizations need a code to enrol, because other machines can reach the installation. */
  readonly isClosed: boolean;
  /** Drains and stops everything, in reverse order of the start. */
  stop(): Promise<void>;
}

/** Starts an installation on this machine. @throws StackError, or the error of a service; everything is then stopped */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { settings, onPhase } = options;
  const dataDir = resolve(settings.SPINBAY_DATA_DIR);
  onPhase('data folder');
  await makeDataFolder(dataDir);
  const lock = await lockInstance(dataDir);
  const closers: (() => Promise<void>)[] = [() => lock.release()];
  const stop = async () => {
    await removeEndpoints(dataDir);
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    if ((await readdir(dataDir)).includes(unfinishedMark)) {
      throw new StackError(
        `The restore of a backup into ${dataDir} was interrupted. Remove the folder and restore again.`,
      );
    }
    const folder = await openDataFolder(
      dataDir,
      demoPeople.map(({ email, name }) => ({ email, name })),
    );
    await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
    closers.push(boundLogs([join(dataDir, 'logs'), join(dataDir, 'postgres')]));
    const patience = lock.tookOver ? 30_000 : 0;
    await assertPortsFree(settings.SPINBAY_HOST, portsOf(settings), patience);
    const lan = await openLan(options, dataDir, patience);
    return await startParts(options, folder, lan, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openLan({ lan, settings }: StackOptions, dataDir: string, patience: number): Promise<Lan | null> {
  if (lan === undefined) return null;
  if (settings.SPINBAY_PUBLIC_URL !== undefined)
    throw new StackError(
      '--lan creates an HTTPS address, but SPINBAY_PUBLIC_URL sets another one. Use only one of them.',
    );
  const port = settings.SPINBAY_LAN_PORT;
  const prepared = await prepareLan(dataDir, port, { ...lan, address: lan.address ?? settings.SPINBAY_LAN_ADDRESS });
  await assertPortsFree(prepared.address, [{ setting: 'SPINBAY_LAN_PORT', port }], patience);
  return prepared;
}

function portsOf(s: StackSettings) {
  const own = [
    { setting: 'SPINBAY_API_PORT', port: s.SPINBAY_API_PORT },
    { setting: 'SPINBAY_PORTAL_PORT', port: s.SPINBAY_PORTAL_PORT },
    { setting: 'SPINBAY_CAPTURE_PORT', port: s.SPINBAY_CAPTURE_PORT },
  ];
  if (runsLocalCloud(s)) own.push({ setting: 'SPINBAY_CLOUD_PORT', port: s.SPINBAY_CLOUD_PORT });
  if (s.OIDC_ISSUER === undefined) own.push({ setting: 'SPINBAY_OIDC_PORT', port: s.SPINBAY_OIDC_PORT });
  return own;
}

type Closers = (() => Promise<void>)[];

async function startParts(
  options: StackOptions,
  folder: DataFolder,
  lan: Lan | null,
  closers: Closers,
  stop: () => Promise<void>,
): Promise<Stack> {
  const { settings, onPhase, onEvent, dist } = options;
  const publicUrl = lan?.publicUrl ?? settings.SPINBAY_PUBLIC_URL;
  const { inside, outside } = addressesOf(settings, publicUrl);
  const run = async (name: ServiceName, env: Record<string, string>) => {
    const part = supervise({
      name,
      file: join(dist, bundles[name]),
      env: environmentOf(name, { ...options.env, ...env }),
      logFile: join(folder.path, 'logs', `${name}.log`),
      onRestart: ({ name: restarted, why }) => onEvent(`The ${restarted} stopped (${why}) and is being restarted.`),
    });
    // This also stops a process that is still starting when another one fails.
    closers.push(() =>
      part.then(
        (started) => started.stop(),
        () => undefined,
      ),
    );
    await part;
  };

  const base = {
    SPINBAY_DATA_DIR: folder.path,
    SPINBAY_HOST: settings.SPINBAY_HOST,
    SPINBAY_API_PORT: String(settings.SPINBAY_API_PORT),
    SPINBAY_PORTAL_PORT: String(settings.SPINBAY_PORTAL_PORT),
    SPINBAY_CAPTURE_PORT: String(settings.SPINBAY_CAPTURE_PORT),
    SPINBAY_CLOUD_PORT: String(settings.SPINBAY_CLOUD_PORT),
    SPINBAY_OIDC_PORT: String(settings.SPINBAY_OIDC_PORT),
    SPINBAY_API_URL: outside.api,
    SPINBAY_PORTAL_URL: outside.portal,
    SPINBAY_CAPTURE_URL: outside.capture,
    OIDC_CLIENT_ID: settings.OIDC_CLIENT_ID,
    OIDC_ISSUER: outside.oidc,
    ...(publicUrl === undefined ? {} : { SPINBAY_TRUSTED_PROXIES: options.env.SPINBAY_TRUSTED_PROXIES || '127.0.0.1' }),
  };
  // The local sign-in depends on nothing, so it starts in parallel with the database.
  const oidc = settings.OIDC_ISSUER === undefined ? run('oidc', base) : Promise.resolve();
  oidc.catch(() => undefined);

  onPhase('database');
  const database = await startDatabase(settings, folder, closers, onEvent);
  await migrate({ ownerUrl: database.owner, dir: join(dist, 'migrations'), log: onEvent });
  const closed = lan !== null || (await isReachableByOthers(settings));
  const demo = await withOwner(database.owner, (store) =>
    prepareDemo(store, { dataDir: folder.path, create: wantsDemo(settings), closed }),
  );

  onPhase('object store and queue');
  const cloud = await startCloud({ settings, folder, database, outside, base, run });

  onPhase('API, worker, portal, capture app');
  const env = { ...base, ...cloud.settings, DATABASE_URL: database.app, SPINBAY_SIGNING_KEYS: folder.signingKeys };
  await Promise.all([
    oidc,
    run('worker', { ...env, ...workerMemory, ...cloud.credentialsOf('worker') }),
    settings.WORKER_DELETIONS === 'off' &&
      // Without this, it would get the port of the worker.
      run('eraser', { ...env, ...cloud.credentialsOf('eraser'), SPINBAY_WORKER_PORT: '' }),
    run('api', {
      ...env,
      ...cloud.credentialsOf('api'),
      ...(lan && (await writeTrustedCertificates(lan.authorityFile, options.env))),
    }),
    run('portal', env),
    run('capture', { ...env, ...(demo && { SPINBAY_CAPTURE_ORG_ID: demo.orgId }) }),
    lan &&
      run('gateway', {
        ...base,
        S3_BUCKET: settings.S3_BUCKET,
        SPINBAY_PUBLIC_URL: lan.publicUrl,
        SPINBAY_LAN_ADDRESS: lan.address,
        SPINBAY_LAN_PORT: String(settings.SPINBAY_LAN_PORT),
        // Only services that run locally get a local address.
        ...(keepsPhotosLocally(settings) ? {} : { SPINBAY_CLOUD_PORT: '' }),
        ...(settings.OIDC_ISSUER === undefined ? {} : { SPINBAY_OIDC_PORT: '' }),
      }),
  ]);

  const endpoints: Endpoints = {
    api: inside.api,
    objects: settings.S3_ENDPOINT ?? (keepsPhotosLocally(settings) ? inside.objects : null),
    // Portal, capture app and sign-in have only one address.
    portal: outside.portal,
    capture: outside.capture,
    oidc: outside.oidc,
    ...(lan && { lan: { url: lan.publicUrl, api: outside.api, ca: lan.authorityFile } }),
    queue: cloud.settings.SQS_QUEUE_URL,
    has_local_queue: runsLocalCloud(settings),
    database: database.app,
    demo: demo && {
      org_id: demo.orgId,
      site_ids: demo.siteIds,
      users: demoPeople.map(({ email, role }) => ({
        email,
        role,
        password: folder.users.find((u) => u.email === email)?.password ?? '',
      })),
    },
  };
  await writeEndpoints(folder.path, endpoints);
  return {
    endpoints,
    dataDir: folder.path,
    lan,
    isClosed: closed,
    stop,
  };
}

/** By default, an external database gets no demo organizations. */
function wantsDemo({ SPINBAY_DEMO, DATABASE_URL }: StackSettings): boolean {
  return SPINBAY_DEMO === undefined ? DATABASE_URL === undefined : SPINBAY_DEMO === 'on';
}

async function withOwner<T>(databaseUrl: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = createStore({ databaseUrl, poolSize: 1, applicationName: 'spinbay-start' });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Every picture needs large buffers. By default, glibc returns them to the system and requests them again each time. */
const workerMemory = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '2147483648',
  MALLOC_ARENA_MAX: '2',
};

async function startDatabase(
  settings: StackSettings,
  { path, secrets }: DataFolder,
  closers: Closers,
  onEvent: (line: string) => void,
) {
  if (settings.DATABASE_URL !== undefined) {
    return prepareDatabases(settings.DATABASE_URL, secrets);
  }
  const database = await keepRunning<RunningPostgres>({
    start: () =>
      startPostgres({
        dataDir: join(path, 'postgres'),
        port: settings.SPINBAY_PG_PORT,
        superuserPassword: secrets.postgresPassword,
        log: { info: () => undefined },
      }),
    ended: (server) => server.exited.then(() => 'ended'),
    stop: (server) => server.stop('fast'),
    onRestart: (why) => onEvent(`PostgreSQL stopped (${why}) and is being restarted.`),
  });
  closers.push(() => database.stop());
  return prepareDatabases(database.first.url, secrets);
}

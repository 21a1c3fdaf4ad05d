import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ensureBucket, ensureQueues } from '@spinbay/local-cloud/set-up';
import { type RunningPostgres, startPostgres } from '@spinbay/local-postgres';
import { environmentOf } from '@spinbay/runtime';
import { unfinishedMark } from './backup/format.ts';
import { type DataFolder, makeDataFolder, openDataFolder } from './data-folder.ts';
import { type DatabaseUrls, migrateAndSeed, prepareDatabases } from './database.ts';
import { demoPeople } from './demo.ts';
import { type Endpoints, removeEndpoints, writeEndpoints } from './endpoints.ts';
import { lockInstance } from './instance-lock.ts';
import { keepRunning } from './keep-running.ts';
import { assertPortsFree } from './ports.ts';
import { StackError } from './stack-error.ts';
import { supervise } from './supervised.ts';

/** The services of one machine, and where they were built to. */
const bundles = {
  api: 'api.mjs',
  worker: 'worker.mjs',
  portal: 'portal-server.mjs',
  capture: 'capture-server.mjs',
  oidc: 'oidc.mjs',
  cloud: 'cloud.mjs',
} as const;
type ServiceName = keyof typeof bundles;

/** As `readSettings` gives them; what is missing is run here. */
export interface StackSettings {
  readonly SPINBAY_DATA_DIR: string;
  readonly SPINBAY_HOST: string;
  readonly SPINBAY_API_PORT: number;
  readonly SPINBAY_PORTAL_PORT: number;
  readonly SPINBAY_CAPTURE_PORT: number;
  readonly SPINBAY_CLOUD_PORT: number;
  readonly SPINBAY_OIDC_PORT: number;
  readonly SPINBAY_PG_PORT: number;
  readonly S3_BUCKET: string;
  readonly AWS_REGION: string;
  readonly OIDC_CLIENT_ID: string;
  readonly DATABASE_URL?: string | undefined;
  readonly S3_ENDPOINT?: string | undefined;
  readonly SQS_ENDPOINT?: string | undefined;
  readonly SQS_QUEUE_URL?: string | undefined;
  readonly OIDC_ISSUER?: string | undefined;
}

export interface StackOptions {
  readonly settings: StackSettings;
  /** Folder of the bundles, the built apps and the migrations. */
  readonly dist: string;
  /** The caller's environment, handed on to the processes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called when a phase begins, e.g. "database". */
  readonly onPhase: (phase: string) => void;
  /** Told of what happens while all is running: a process that ended and was started again. */
  readonly onEvent: (line: string) => void;
}

export interface Stack {
  readonly endpoints: Endpoints;
  readonly dataDir: string;
  /** Drains and stops everything, in the reverse order. */
  stop(): Promise<void>;
}

/** Starts a whole installation on this machine. @throws StackError, or an error of a part, with everything stopped again */
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
        `A backup was being restored into ${dataDir}, and that was interrupted. Remove the folder and restore again.`,
      );
    }
    const folder = await openDataFolder(
      dataDir,
      demoPeople.map(({ email, name }) => ({ email, name })),
    );
    await mkdir(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
    await assertPortsFree(settings.SPINBAY_HOST, portsOf(settings), lock.tookOver ? 30_000 : 0);
    return await startParts(options, folder, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

function portsOf(s: StackSettings) {
  const own = [
    { setting: 'SPINBAY_API_PORT', port: s.SPINBAY_API_PORT },
    { setting: 'SPINBAY_PORTAL_PORT', port: s.SPINBAY_PORTAL_PORT },
    { setting: 'SPINBAY_CAPTURE_PORT', port: s.SPINBAY_CAPTURE_PORT },
  ];
  if (usesLocalCloud(s)) own.push({ setting: 'SPINBAY_CLOUD_PORT', port: s.SPINBAY_CLOUD_PORT });
  if (s.OIDC_ISSUER === undefined) own.push({ setting: 'SPINBAY_OIDC_PORT', port: s.SPINBAY_OIDC_PORT });
  return own;
}

function usesLocalCloud(s: StackSettings): boolean {
  return s.S3_ENDPOINT === undefined && s.SQS_ENDPOINT === undefined && s.SQS_QUEUE_URL === undefined;
}

type Closers = (() => Promise<void>)[];

async function startParts(
  options: StackOptions,
  folder: DataFolder,
  closers: Closers,
  stop: () => Promise<void>,
): Promise<Stack> {
  const { settings, onPhase, onEvent, dist } = options;
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const urls = {
    api: at(settings.SPINBAY_API_PORT),
    portal: at(settings.SPINBAY_PORTAL_PORT),
    capture: at(settings.SPINBAY_CAPTURE_PORT),
    objects: settings.S3_ENDPOINT ?? at(settings.SPINBAY_CLOUD_PORT),
    oidc: settings.OIDC_ISSUER ?? at(settings.SPINBAY_OIDC_PORT),
  };
  const run = async (name: ServiceName, env: Record<string, string>) => {
    const part = supervise({
      name,
      file: join(dist, bundles[name]),
      env: environmentOf(name, { ...options.env, ...env }),
      logFile: join(folder.path, 'logs', `${name}.log`),
      onRestart: ({ name: restarted, why }) => onEvent(`The ${restarted} stopped (${why}) and is started again.`),
    });
    // Also one that is still starting when another one fails is stopped.
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
    SPINBAY_API_URL: urls.api,
    SPINBAY_PORTAL_URL: urls.portal,
    SPINBAY_CAPTURE_URL: urls.capture,
    OIDC_CLIENT_ID: settings.OIDC_CLIENT_ID,
    OIDC_ISSUER: urls.oidc,
  };
  // The local sign-in needs nobody else: it starts beside the database.
  const oidc = settings.OIDC_ISSUER === undefined ? run('oidc', base) : Promise.resolve();
  oidc.catch(() => undefined);

  onPhase('database');
  const database = await startDatabase(settings, folder, closers, onEvent);
  const demo = await migrateAndSeed(database, join(dist, 'migrations'), onEvent);

  onPhase('object store and queue');
  const cloud = await startCloud(options, folder, database, urls, base, run);

  onPhase('API, worker, portal, capture app');
  const env = { ...base, ...cloud.settings, DATABASE_URL: database.app, SPINBAY_SIGNING_KEYS: folder.signingKeys };
  await Promise.all([
    oidc,
    run('worker', { ...env, ...workerMemory, ...cloud.credentialsOf('worker') }),
    run('api', { ...env, ...cloud.credentialsOf('api') }),
    run('portal', env),
    run('capture', { ...env, SPINBAY_CAPTURE_ORG_ID: demo.orgId }),
  ]);

  const endpoints: Endpoints = {
    ...urls,
    queue: cloud.settings.SQS_QUEUE_URL,
    database: database.app,
    demo: {
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
    stop,
  };
}

/** Large buffers come and go with every picture; glibc's defaults return them to the system and ask for them again each time. */
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
    onRestart: (why) => onEvent(`PostgreSQL stopped (${why}) and is started again.`),
  });
  closers.push(() => database.stop());
  return prepareDatabases(database.first.url, secrets);
}

async function startCloud(
  { settings }: StackOptions,
  { secrets }: DataFolder,
  database: DatabaseUrls,
  urls: { objects: string; portal: string; capture: string },
  base: Record<string, string>,
  run: (name: ServiceName, env: Record<string, string>) => Promise<void>,
) {
  const region = settings.AWS_REGION;
  const common = { AWS_REGION: region, S3_BUCKET: settings.S3_BUCKET };
  if (!usesLocalCloud(settings)) {
    if (settings.SQS_QUEUE_URL === undefined) {
      throw new StackError(
        'S3_ENDPOINT or SQS_ENDPOINT is set, and SQS_QUEUE_URL is not. Set it to the queue that hears of the bucket, or leave all three unset for the local server.',
      );
    }
    const external = { ...common, SQS_QUEUE_URL: settings.SQS_QUEUE_URL };
    // The SDK finds the caller's credentials by itself.
    return { settings: external, credentialsOf: () => ({}) };
  }
  const endpoint = urls.objects;
  const { accessKeys } = secrets;
  await run('cloud', {
    ...base,
    ...common,
    SPINBAY_CLOUD_ACCESS_KEYS: JSON.stringify(accessKeys),
    SPINBAY_CLOUD_DATABASE_URL: database.cloud,
  });
  const credentials = accessKeys.admin;
  const server = { endpoint, region, credentials };
  const { queueArn, queueUrl } = await ensureQueues({
    ...server,
    name: 'spinbay-images',
    maxReceiveCount: 3,
    visibilitySeconds: 60,
  });
  const bucket = settings.S3_BUCKET;
  await ensureBucket({
    ...server,
    bucket,
    corsOrigins: [urls.portal, urls.capture],
    queueArn,
    suffixes: ['.jpg', '.heic'],
  });
  return {
    settings: { ...common, S3_ENDPOINT: endpoint, SQS_ENDPOINT: endpoint, SQS_QUEUE_URL: queueUrl },
    credentialsOf: (role: 'api' | 'worker') => ({
      AWS_ACCESS_KEY_ID: accessKeys[role].accessKeyId,
      AWS_SECRET_ACCESS_KEY: accessKeys[role].secretAccessKey,
      // What the caller has for Amazon must not be mixed with the local keys.
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
    }),
  };
}

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError, type Client, createClient, uploadFrame } from '@spinbay/client';
import {
  defaultQcThresholds,
  type OrgId,
  parseStorageKey,
  SessionId,
  type SiteId,
  thumbKey,
  thumbSizes,
  type UserRole,
} from '@spinbay/contracts';
import { completeImage, type Store, type StoredObject, storedUpload } from '@spinbay/core';
import { startTestDatabase, type TestDatabase } from '@spinbay/core/testing';
import { type LocalCloud, startLocalCloud } from '@spinbay/local-cloud';
import { ensureBucket, ensureQueues } from '@spinbay/local-cloud/set-up';
import {
  clientId,
  portalUrl,
  startSeparateIssuer,
  startTestIssuer,
  type TestIssuer,
  testIdToken,
} from '@spinbay/local-oidc/testing';
import { createObjects, type Objects } from '@spinbay/objects';
import { createQueue, type Queue } from '@spinbay/queue';
import { createLogger, type Logger, noTracing, type Tracing } from '@spinbay/runtime';
import {
  createIdTokens,
  createSigningKeys,
  createTokens,
  followSigningKeys,
  type IdTokens,
  type Tokens,
} from '@spinbay/tokens';
import { type ApiOptions, buildApi } from './api.ts';
import { createMemoryCounts } from './bind/request-counts.ts';

export { portalUrl };

const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'a secret of the test' };
const region = 'us-east-1';
const apiUrl = 'https://api.spinbay.test';

export interface TestOrg {
  readonly orgId: OrgId;
  readonly siteIds: [SiteId, ...SiteId[]];
  emailOf(role: UserRole): string;
}

interface RunningApi {
  readonly url: string;
  close(): Promise<void>;
}

/** The API on a separate port with all its dependencies: a real database, object store, queue and issuer. */
export interface TestApi {
  readonly url: string;
  readonly database: TestDatabase;
  readonly objects: Objects;
  readonly queue: Queue;
  readonly tokens: Tokens;
  /** The file of its signing keys, which it checks ten times a second. */
  readonly keyFile: string;
  readonly cloud: LocalCloud;
  readonly oidc: TestIssuer;
  /** A client with this token, or without one. */
  client(token?: string, url?: string): Client;
  makeOrg(options?: { enrolment?: 'open' | 'code'; sites?: string[] }): Promise<TestOrg>;
  /** An identity token from the issuer, as the portal gets it. */
  idToken(email: string): Promise<{ id_token: string; nonce: string }>;
  /** Signs in a person of an organization. @returns a client with their token */
  as(org: TestOrg, role: UserRole): Promise<Client>;
  /** Enrols a device. */
  device(org: TestOrg): Promise<Client & { readonly deviceId: string; readonly token: string }>;
  /** A second API with the same dependencies and its own limits and settings. */
  another(options?: AnotherOptions): Promise<RunningApi>;
  stop(): Promise<void>;
}

interface AnotherOptions extends Partial<ApiOptions> {
  readonly store?: Store;
  readonly queue?: Pick<Queue, 'send'> | null;
  readonly uploadHints?: boolean;
  readonly tracing?: Tracing;
  /** Default: the identity tokens of the test issuer. */
  readonly idTokens?: IdTokens;
}

interface TestApiOptions extends AnotherOptions {
  /** False: the bucket sends no events. */
  readonly events?: boolean;
  /** For a test that kills the database. */
  readonly durable?: boolean;
  /** For a test that stops the issuer. */
  readonly ownIssuer?: boolean;
  /** False: only the conditions of the statements separate tenants. */
  readonly rowLevelSecurity?: boolean;
}

/** Starts everything in about two seconds. */
export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-api-'));
  const closers: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await start(folder, closers, stop, options);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  folder: string,
  closers: (() => unknown)[],
  stop: () => Promise<void>,
  { durable = false, ownIssuer = false, events = true, rowLevelSecurity, ...options }: TestApiOptions,
): Promise<TestApi> {
  const log = createLogger({ name: 'test', level: 'silent' });
  const closing = async <T>(starting: Promise<T>, close: (started: T) => Promise<unknown>) => {
    const started = await starting;
    closers.push(() => close(started));
    return started;
  };
  const keyFile = join(folder, 'keys.json');
  const [database, oidc] = await Promise.all([
    closing(
      startTestDatabase({ durable, ...(rowLevelSecurity === undefined ? {} : { rowLevelSecurity }) }),
      (started) => started.stop(),
    ),
    closing(ownIssuer ? startSeparateIssuer() : startTestIssuer(), (started) => started.close()),
    createSigningKeys(keyFile),
  ]);
  const cloud = await closing(startCloud(database, folder, log), (started) => started.close());
  const at = { endpoint: cloud.url, region, credentials };
  const queues = await ensureQueues({ ...at, name: 'images', maxReceiveCount: 3, visibilitySeconds: 60 });
  const objects = createObjects({ ...at, bucket: 'spinbay' });
  closers.push(() => {
    objects.close();
  });
  const defaultQueue = createQueue({ ...at, queueUrl: queues.queueUrl });
  closers.push(() => {
    defaultQueue.close();
  });
  const suffixes = events ? ['.jpg', '.heic'] : [];
  const { queueArn } = queues;
  await ensureBucket({ ...at, bucket: 'spinbay', corsOrigins: [portalUrl], queueArn, suffixes });

  const keys = await followSigningKeys(keyFile, { onChange: () => {}, onFault: () => {}, everyMs: 100 });
  closers.push(() => keys.close());
  const tokens = createTokens(keys, apiUrl);
  const another = async (wanted: AnotherOptions = {}) => {
    const {
      store = database.store,
      queue = defaultQueue,
      uploadHints = false,
      idTokens = createIdTokens({ issuer: oidc.url, clientId }),
      tracing = noTracing,
      ...over
    } = wanted;
    const app = await buildApi(
      {
        store,
        objects,
        bucket: 'spinbay',
        queue,
        uploadHints,
        eraseUndoMs: 600_000,
        qc: defaultQcThresholds,
        tracing,
        tokens,
        idTokens,
      },
      {
        log,
        publicUrl: apiUrl,
        version: '0.0.0-test',
        signingKeys: keys,
        metricsToken: undefined,
        origins: [portalUrl],
        trustedProxies: [],
        counts: createMemoryCounts(),
        // Tests are refused more often than people.
        refusalsPerMinute: 1_000_000,
        ...over,
      },
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const close = () => app.close();
    closers.push(close);
    return { url: `http://127.0.0.1:${port}`, close };
  };
  const { url } = await another(options);
  const client = (token?: string, at = url) => createClient({ baseUrl: at, token: () => token });
  const idToken = (email: string) => testIdToken(oidc.url, email);
  return {
    url,
    database,
    objects,
    queue: defaultQueue,
    tokens,
    keyFile,
    cloud,
    oidc,
    client,
    makeOrg: async (wanted) => {
      const org = await database.makeOrg(wanted);
      const emails = {
        operator: org.emailOf('operator'),
        reviewer: org.emailOf('reviewer'),
        admin: org.emailOf('admin'),
      };
      return { ...org, emailOf: (role) => emails[role] };
    },
    idToken,
    as: async (org, role) => {
      const { id_token, nonce } = await idToken(org.emailOf(role));
      const { body } = await client().authLogin({ body: { id_token, nonce } });
      return client(body.token);
    },
    device: async (org) => {
      const { body } = await client().authDevice({ body: { ...phone, org_id: org.orgId } });
      return { ...client(body.token), deviceId: body.device_id, token: body.token };
    },
    another,
    stop,
  };
}

function startCloud(database: TestDatabase, folder: string, log: Logger): Promise<LocalCloud> {
  return startLocalCloud({
    host: '127.0.0.1',
    port: 0,
    dataDir: join(folder, 'objects'),
    databaseUrl: database.postgres.url,
    accessKeys: [credentials],
    region,
    log,
  });
}

export const phone = { platform: 'ios', model: 'iPhone 17', app_version: '1.0.0' };

/** Unique bytes for a photo. The API never parses them. */
export function photo(size = 1_000) {
  const bytes = randomBytes(size);
  return { bytes: new Uint8Array(bytes), sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The status and code of a refusal; `no error` if the request succeeds. */
export function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof ApiError ? `${error.status} ${error.code}` : `another error: ${error}`),
  );
}

/** Starts a session of 24 frames. */
export async function startSpin(client: Client, siteId: SiteId, stock: string) {
  const { body } = await client.createSession({ body: { site_id: siteId, vehicle: { stock }, mode: 'studio360' } });
  return body;
}

/** Presigns and uploads one photo. */
export async function upload(client: Client, sessionId: string, angle: number) {
  const { bytes, sha256 } = photo();
  const { body } = await client.presignImage({
    body: {
      ...frame(sessionId, sha256),
      file_name: `angle_${angle}.jpg`,
    },
  });
  await uploadFrame(body, bytes);
  return body;
}

/** The body of a presign request for the frame at 15 degrees. */
export function frame(sessionId: string, sha256 = photo().sha256) {
  return {
    session_id: SessionId.parse(sessionId),
    file_name: 'angle_015.jpg',
    content_type: 'image/jpeg' as const,
    content_sha256: sha256,
  };
}

/** Processes an uploaded frame as the worker does, with invented figures. */
export async function complete(
  database: TestDatabase,
  storageKey: string,
  status: 'processed' | 'failed' = 'processed',
  sharpness: 'pass' | 'warn' = 'pass',
) {
  const parts = parseStorageKey(storageKey);
  if (parts === null) throw new Error(`not a storage key: ${storageKey}`);
  const row = await database.admin.query('select hash_sha256 from uploads where storage_key = $1', [storageKey]);
  const object: StoredObject = {
    storageKey,
    contentType: 'image/jpeg',
    sha256: row.rows[0].hash_sha256,
    sizeBytes: 1_000,
    slot: { angle_deg: null, shot_name: null },
    storedAt: new Date(),
    workStartedAt: new Date(),
  };
  await database.store.forOrg(parts.orgId, 'all').transact(async (tx) => {
    await storedUpload(tx, parts, object);
    await completeImage(tx, parts, {
      kind: 'measured',
      width: 4032,
      height: 3024,
      exif: {
        iso: 100,
        shutter_s: 0.01,
        aperture_f: 8,
        focal_length_mm: 50,
        taken_at: null,
        orientation: 1,
        make: 'T',
        model: 'M',
      },
      qc: {
        sharpness: { score: status === 'failed' ? 50 : sharpness === 'warn' ? 200 : 500, status: 'pass' },
        exposure: { status: 'pass', clipped_white: 0, clipped_black: 0, mean_luma: 120 },
      },
      judgeBy: defaultQcThresholds,
      phash: 'c3a5963c5a69d2b4',
      colourGrid: new Uint8Array(768),
      renditions: thumbSizes.map((width) => ({
        kind: 'thumbnail' as const,
        width,
        format: 'jpeg' as const,
        storageKey: thumbKey(storageKey, width),
        sizeBytes: 1_000,
      })),
    });
  });
}

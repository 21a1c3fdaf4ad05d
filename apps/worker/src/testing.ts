import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ContentType,
  defaultQcThresholds,
  defaultShotList,
  type ImageId,
  isFailure,
  type OrgId,
  type SessionId,
  type SiteId,
  slotFromFileName,
  slotKey,
  type UploadKind,
} from '@spinbay/contracts';
import { createSession, enrolDevice, type ImageRow, listImages, type OrgStore, reserveImage } from '@spinbay/core';
import { startTestDatabase, type TestDatabase } from '@spinbay/core/testing';
import { measureImage } from '@spinbay/imaging';
import { type LocalCloud, startLocalCloud } from '@spinbay/local-cloud';
import { ensureBucket, ensureQueues } from '@spinbay/local-cloud/set-up';
import { createObjects, type Objects } from '@spinbay/objects';
import { createQueue, type Queue } from '@spinbay/queue';
import { createLogger, type Logger, noTracing } from '@spinbay/runtime';
import { encodeFrame } from '@spinbay/sample-spin';
import pg from 'pg';
import { type ConsumeOptions, type Consumer, consume, runOnce } from './consume.ts';
import type { DeletionDeps } from './features/deletions/remove-objects.ts';
import { handleMessage } from './features/images/handle-message.ts';
import type { ImageDeps } from './features/images/process-image.ts';

export const region = 'us-east-1';
export const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'a secret of the test' };
export const quiet: Logger = createLogger({ name: 'test', level: 'silent' });
export const never: AbortSignal = new AbortController().signal;

export interface TestSession {
  readonly orgId: OrgId;
  readonly siteId: SiteId;
  readonly otherSiteId: SiteId;
  readonly sessionId: SessionId;
  readonly tenant: OrgStore;
  /** Reserves a row and signs the URL of its upload, as the API does. */
  announce(bytes: Buffer, slot: string, options?: AnnounceOptions): Promise<Announced>;
  /** Announces the bytes and uploads them as a phone does. */
  upload(bytes: Buffer, slot: string, contentType?: ContentType): Promise<{ id: string; storageKey: string }>;
  /** All frames, including superseded ones. */
  images(): Promise<ImageRow[]>;
  /** The version of the session's images. Each visible change increments it, so that duplicate work is visible. */
  version(): Promise<number>;
}

interface AnnounceOptions {
  readonly contentType?: ContentType;
  readonly expiresAt?: Date;
  /** Default: `original`. */
  readonly kind?: UploadKind;
  readonly imageId?: ImageId;
}

interface Announced {
  readonly id: ImageId;
  readonly storageKey: string;
  put(bytes: Buffer): Promise<void>;
}

/** The real dependencies of the worker, on separate ports and folders. */
export interface TestStack {
  readonly database: TestDatabase;
  readonly cloudUrl: string;
  readonly bucket: string;
  readonly queueUrl: string;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly objects: Objects;
  readonly deps: ImageDeps & DeletionDeps;
  /** Creates a session in a new organization, or in that of another session. */
  newSession(other?: TestSession): Promise<TestSession>;
  /** Starts a consumer as `main` does, but with immediate retries. */
  work(options?: Partial<ConsumeOptions>): Consumer;
  /** Processes all messages with immediate retries, up to the dead-letter queue. */
  runOnce(options?: Partial<ConsumeOptions>): Promise<void>;
  /** Stops all consumers. */
  rest(): Promise<void>;
  /** Stops the object store and the queue. `startCloud` restarts them on the same port. */
  stopCloud(): Promise<void>;
  startCloud(): Promise<void>;
  /** Makes every hidden message visible, as if its visibility timeout had expired. */
  showHidden(): Promise<void>;
  /** Deletes all messages, so that their events are lost. */
  purge(): Promise<void>;
  deleteObject(key: string): Promise<void>;
  /** Makes changes of these rows fail, until the returned function is called. */
  failChanges(table: string, column: string, value: string): Promise<() => Promise<void>>;
  /** Backdates an upload and its object. */
  age(key: string, ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param options.durable for tests that kill the database */
export async function startTestStack(options: { durable?: boolean } = {}): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), 'spinbay-worker-test-'));
  const database = await startTestDatabase(options);
  let cloud: LocalCloud | undefined;
  let port = 0;
  const startCloud = async () => {
    cloud = await startLocalCloud({
      host: '127.0.0.1',
      port,
      dataDir: join(folder, 'objects'),
      databaseUrl: database.postgres.url,
      accessKeys: [credentials],
      region,
      log: quiet,
    });
    port = cloud.port;
  };
  await startCloud();
  const connection = { endpoint: `http://127.0.0.1:${port}`, region, credentials };
  const bucket = 'photos';
  const pair = await ensureQueues({ ...connection, name: 'images', maxReceiveCount: 3, visibilitySeconds: 60 });
  const objects = createObjects({ ...connection, bucket });
  await ensureBucket({
    ...connection,
    bucket,
    corsOrigins: ['http://portal.test'],
    queueArn: pair.queueArn,
    suffixes: ['.jpg', '.heic'],
  });
  const queue = createQueue({ ...connection, queueUrl: pair.queueUrl });
  const deadLetters = createQueue({ ...connection, queueUrl: pair.dlqUrl });
  const { store } = database;
  const qc = defaultQcThresholds;
  const deps: ImageDeps & DeletionDeps = {
    store,
    objects,
    measurer: inThisProcess,
    qc,
    workFolder: join(folder, 'work'),
    tracing: noTracing,
  };
  const consuming: ConsumeOptions = {
    queue,
    slots: 2,
    visibilitySeconds: 30,
    retrySeconds: 0,
    work: (message, signal, log) => handleMessage(message, bucket, deps, signal, log),
    log: quiet,
  };
  const consumers = new Set<Consumer>();
  const rest = async () => {
    await Promise.all([...consumers].map((consumer) => consumer.drain(0)));
    consumers.clear();
  };
  const cloudDatabase = new pg.Pool({ connectionString: database.postgres.url, max: 1 });
  // Tests kill the server, which breaks idle connections.
  cloudDatabase.on('error', () => undefined);
  return {
    database,
    cloudUrl: connection.endpoint,
    bucket,
    queueUrl: pair.queueUrl,
    queue,
    deadLetters,
    objects,
    deps,
    newSession: (other) => newSession(database, objects, other),
    work: (options = {}) => {
      const consumer = consume({ ...consuming, ...options });
      consumers.add(consumer);
      return consumer;
    },
    runOnce: (options = {}) => runOnce({ ...consuming, ...options }),
    rest,
    stopCloud: async () => {
      await cloud?.close();
      cloud = undefined;
    },
    startCloud,
    showHidden: async () => {
      await cloudDatabase.query(
        `with shown as (update local_cloud.messages set visible_at = now() where visible_at > now() returning queue)
         select pg_notify('local_cloud_queue', queue::text) from shown`,
      );
    },
    purge: async () => {
      await cloudDatabase.query('delete from local_cloud.messages');
    },
    deleteObject: async (key) => {
      await cloudDatabase.query('delete from local_cloud.objects where key = $1', [key]);
    },
    failChanges: async (table, column, value) => {
      const name = pg.escapeIdentifier(`fail_${randomUUID()}`);
      await database.admin.query(`
        create function ${name}() returns trigger language plpgsql as $$ begin raise exception 'of the test'; end $$;
        create trigger ${name} before update or delete on ${table} for each row
          when (old.${column} = ${pg.escapeLiteral(value)}) execute function ${name}()`);
      return async () => {
        await database.admin.query(`drop function ${name} cascade`);
      };
    },
    age: async (key, ms) => {
      const seconds = ms / 1000;
      await cloudDatabase.query(
        'update local_cloud.objects set modified_at = modified_at - make_interval(secs => $2) where key = $1',
        [key, seconds],
      );
      const times = ['created_at', 'requeued_at', 'work_started_at'];
      const earlier = times.map((time) => `${time} = ${time} - make_interval(secs => $2)`);
      await database.admin.query(`update uploads set ${earlier} where storage_key = $1`, [key, seconds]);
    },
    stop: async () => {
      await rest();
      for (const client of [objects, queue, deadLetters]) client.close();
      await cloud?.close();
      await cloudDatabase.end();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Measures without child processes, which have their own tests. The tests of `main` use them, too. */
const inThisProcess: ImageDeps['measurer'] = {
  measure: async ({ file, ...options }, signal) => measureImage(await readFile(file), { ...options, signal }),
};

async function newSession(database: TestDatabase, objects: Objects, other?: TestSession): Promise<TestSession> {
  const { orgId, siteIds } =
    other === undefined
      ? await database.makeOrg()
      : { orgId: other.orgId, siteIds: [other.siteId, other.otherSiteId] as const };
  const device = await enrolDevice(database.store, orgId, { platform: 'test', model: 'Test', appVersion: '1' });
  if (isFailure(device)) throw new Error(device.failure);
  const tenant = database.store.forOrg(orgId, 'all');
  const [siteId, otherSiteId] = siteIds;
  const made = await tenant.transact((tx) =>
    createSession(tx, {
      siteId,
      vehicle: { stock: randomUUID() },
      mode: 'studio360',
      shotList: { ...defaultShotList('studio360'), ...defaultShotList('stills') },
      by: { type: 'device', id: device.deviceId },
    }),
  );
  if (isFailure(made) || otherSiteId === undefined) throw new Error('the session could not be created');
  const sessionId = made.session.id;

  const announce: TestSession['announce'] = async (bytes, slot, options = {}) => {
    const { contentType = 'image/jpeg', expiresAt = new Date(Date.now() + 900_000), kind = 'original' } = options;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const wanted = {
      sessionId,
      kind,
      imageId: options.imageId,
      slot: slotFromFileName(slot),
      contentType,
      sha256,
      expiresAt,
    };
    const reserved = await reserveImage(tenant, wanted);
    if (isFailure(reserved)) throw new Error(reserved.failure);
    const { id, storageKey } = reserved;
    const tags = { org_id: orgId, site_id: siteId, session_id: sessionId, image_id: id, slot: slotKey(reserved.slot) };
    const signed = await objects.presignPut(storageKey, { contentType, sha256Hex: sha256, tags });
    const put = async (body: Buffer) => {
      const reply = await fetch(signed.url, { method: 'PUT', headers: signed.headers, body: new Uint8Array(body) });
      if (!reply.ok) throw new Error(`PUT was answered ${reply.status}: ${await reply.text()}`);
    };
    return { id, storageKey, put };
  };
  return {
    orgId,
    siteId,
    otherSiteId,
    sessionId,
    tenant,
    announce,
    upload: async (bytes, slot, contentType = 'image/jpeg') => {
      const { put, ...image } = await announce(bytes, slot, { contentType });
      await put(bytes);
      return image;
    },
    images: async () => {
      const page = await tenant.read((tx) => listImages(tx, sessionId, { limit: 200, offset: 0, superseded: true }));
      return page.items;
    },
    version: async () => {
      const sql = 'select images_version from sessions where id = $1';
      const { rows } = await database.admin.query<{ images_version: string }>(sql, [sessionId]);
      return Number(rows[0]?.images_version);
    },
  };
}

/** A detailed frame that passes QC. Each seed gives different bytes. */
export function detailedFrame(seed: number, width = 320, height = 240): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3);
  let state = seed + 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[i] = 60 + (state >>> 25);
  }
  return encodeFrame({ data, width, height }, new Date(Date.UTC(2026, 4, 17, 9, 30, seed)));
}

/** Polls `look` until its result is neither `false` nor `undefined`. */
export async function eventually<T>(look: () => Promise<T | false | undefined> | T | false | undefined): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; ) {
    const found = await look();
    if (found !== false && found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`timed out: ${look}`);
    await sleep(20);
  }
}

/** Whether no message is visible or in flight. */
export async function isEmpty(queue: Queue): Promise<boolean> {
  const { visible, inFlight, delayed } = await queue.depth();
  return visible + inFlight + delayed === 0;
}

import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

/*
 * Kills the server and the database repeatedly (SIGKILL) while clients put objects and send messages. Nothing that was
 * acknowledged may be lost, and every stored object must have its event.
 */

const credentials = { accessKeyId: 'crash', secretAccessKey: randomBytes(20).toString('hex') };
const region = 'eu-central-1';

let postgres: TestPostgres;
let dataDir: string;
let script: string;
let server: ChildProcess;
let port = 0;

beforeAll(async () => {
  postgres = await startTestPostgres({ durable: true });
  dataDir = await mkdtemp(join(tmpdir(), 'spinbay-crash-'));
  script = join(import.meta.dirname, `../../../node_modules/.cache/spinbay-tests/${randomUUID()}.mjs`);
  await build({
    stdin: {
      contents: `
        import { startLocalCloud } from './index.ts';
        process.once('message', async (options) => {
          const log = { info() {}, warn() {}, error: console.error };
          process.send((await startLocalCloud({ ...options, log })).port);
        });`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    // Bundled CommonJS packages call require() for Node's built-in modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    outfile: script,
  });
  await startServer();
});
afterAll(async () => {
  await killServer();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
  await rm(script, { force: true });
});

async function startServer(): Promise<void> {
  server = fork(script);
  server.send({ host: '127.0.0.1', port, dataDir, databaseUrl: postgres.url, accessKeys: [credentials], region });
  const ended = once(server, 'exit').then(([status]) => {
    throw new Error(`The server ended with status ${status} before it listened.`);
  });
  [port] = (await Promise.race([once(server, 'message'), ended])) as [number];
}

async function killServer(): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

test('loses no acknowledged write when server and database are killed under load', { timeout: 240_000 }, async () => {
  const endpoint = `http://127.0.0.1:${port}`;
  const patient = { region, endpoint, credentials, maxAttempts: 8 };
  const s3 = new S3Client({ ...patient, forcePathStyle: true });
  const sqs = new SQSClient(patient);
  const hasty = new S3Client({ ...patient, forcePathStyle: true, maxAttempts: 1 });
  const hastySqs = new SQSClient({ ...patient, maxAttempts: 1 });
  const Bucket = 'crash';
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'crash' }));
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: `arn:aws:sqs:${region}:000000000000:crash`, Events: ['s3:ObjectCreated:*'] }],
      },
    }),
  );

  const acknowledged = new Map<string, string>();
  const sent = new Set<string>();
  // Counts every acknowledgement. The map above has one entry per key, whatever the number of overwrites.
  let puts = 0;
  let refused = 0;
  let running = true;
  const putters = Array.from({ length: 6 }, async (_, putter) => {
    for (let n = 0; running; n += 1) {
      // Every fifth PUT overwrites an object. The new bytes must replace the old ones.
      const Key = n % 5 === 4 ? `${putter}/again` : `${putter}/${n}`;
      const Body = randomBytes(20_000 + n);
      try {
        await hasty.send(new PutObjectCommand({ Bucket, Key, Body }));
        acknowledged.set(Key, createHash('sha256').update(Body).digest('hex'));
        puts += 1;
      } catch {
        refused += 1;
        // After an unacknowledged overwrite, both the old and the new bytes are valid.
        if (n % 5 === 4) acknowledged.delete(Key);
        await sleep(20);
      }
    }
  });
  const senders = Array.from({ length: 2 }, async (_, sender) => {
    for (let n = 0; running; n += 1) {
      const MessageBody = `message ${sender} ${n}`;
      try {
        await hastySqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
        sent.add(MessageBody);
      } catch {
        await sleep(20);
      }
    }
  });
  const progress = async (more: number) => {
    const aim = puts + more;
    while (puts < aim) await sleep(5);
  };

  for (let round = 0; round < 4; round += 1) {
    await progress(40);
    await killServer();
    await startServer();
    await progress(40);
    await postgres.kill();
    await postgres.restart();
  }
  await progress(20);
  await Promise.all([killServer(), postgres.kill()]);
  await postgres.restart();
  await startServer();
  running = false;
  await Promise.all([...putters, ...senders]);

  const listed: string[] = [];
  for (let ContinuationToken: string | undefined; ; ) {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken, MaxKeys: 300 }));
    for (const { Key } of page.Contents ?? []) if (Key) listed.push(Key);
    ContinuationToken = page.NextContinuationToken;
    if (ContinuationToken === undefined) break;
  }
  const lost: string[] = [];
  for (const [Key, digest] of acknowledged) {
    const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = (await got.Body?.transformToByteArray()) ?? new Uint8Array();
    if (createHash('sha256').update(bytes).digest('hex') !== digest) lost.push(Key);
  }
  expect(lost).toEqual([]);

  const events = new Set<string>();
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) break;
    for (const { Body = '' } of Messages) {
      const message = Body.startsWith('{')
        ? (JSON.parse(Body) as { Records?: { s3: { object: { key: string } } }[] })
        : undefined;
      for (const record of message?.Records ?? []) events.add(decodeURIComponent(record.s3.object.key));
      sent.delete(Body);
    }
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  expect([...sent]).toEqual([]);
  expect(listed.filter((key) => !events.has(key))).toEqual([]);
  console.info(`${puts} uploads acknowledged, ${refused} refused, ${events.size} keys with events`);

  // A start cleans up interrupted writes: one file per object, none unfinished.
  await killServer();
  await startServer();
  const shards = await readdir(join(dataDir, 'blobs'));
  const files = (await Promise.all(shards.map((shard) => readdir(join(dataDir, 'blobs', shard))))).flat();
  expect(files.length).toBe(listed.length);
  expect(await readdir(join(dataDir, 'tmp'))).toEqual([]);
  for (const client of [s3, sqs, hasty, hastySqs]) client.destroy();
});

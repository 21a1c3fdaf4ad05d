import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepBlobs, type LocalCloud, type LocalCloudOptions, startLocalCloud } from './index.ts';
import { quiet } from './testing/target.ts';

const credentials = { accessKeyId: 'faults', secretAccessKey: 'secret of faults' };
const region = 'us-east-1';
const cleanUps: (() => Promise<unknown>)[] = [];
let postgres: TestPostgres;
let dataDir: string;

beforeEach(async () => {
  postgres = await startTestPostgres({ durable: true });
  dataDir = await mkdtemp(join(tmpdir(), 'spinbay-faults-'));
  cleanUps.push(async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(more: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> {
  const options = { host: '127.0.0.1', port: 0, dataDir, databaseUrl: postgres.url, accessKeys: [credentials], region };
  const cloud = await startLocalCloud({ ...options, log: quiet, ...more });
  cleanUps.push(() => cloud.close().catch(() => undefined));
  return cloud;
}

function clients(cloud: LocalCloud, maxAttempts: number): { s3: S3Client; sqs: SQSClient } {
  const config = { region, endpoint: cloud.url, credentials, maxAttempts };
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const sqs = new SQSClient(config);
  cleanUps.push(async () => {
    s3.destroy();
    sqs.destroy();
  });
  return { s3, sqs };
}

test('rejects an upload to a full disk with a message, stores nothing and still serves reads', async () => {
  const cloud = await start({ reserveBytes: 1 });
  const { s3 } = clients(cloud, 1);
  await s3.send(new CreateBucketCommand({ Bucket: 'disk' }));
  await s3.send(new PutObjectCommand({ Bucket: 'disk', Key: 'a', Body: 'kept' }));
  await cloud.close();

  const full = clients(await start({ reserveBytes: Number.MAX_SAFE_INTEGER / 2 }), 1).s3;
  const refused = full.send(new PutObjectCommand({ Bucket: 'disk', Key: 'b', Body: Buffer.alloc(3_000_000) }));
  await expect(refused).rejects.toMatchObject({ name: 'InsufficientStorage', $metadata: { httpStatusCode: 507 } });
  await expect(full.send(new GetObjectCommand({ Bucket: 'disk', Key: 'b' }))).rejects.toMatchObject({
    name: 'NoSuchKey',
  });
  const kept = await full.send(new GetObjectCommand({ Bucket: 'disk', Key: 'a' }));
  expect(await kept.Body?.transformToString()).toBe('kept');
});

test('answers 503 with CORS headers while the database is down, and recovers', async () => {
  const cloud = await start();
  const { s3, sqs } = clients(cloud, 1);
  await s3.send(new CreateBucketCommand({ Bucket: 'away' }));
  const CORSRules = [{ AllowedOrigins: ['http://page.example'], AllowedMethods: ['GET'] }];
  await s3.send(new PutBucketCorsCommand({ Bucket: 'away', CORSConfiguration: { CORSRules } }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'away' }));
  await postgres.kill();
  const put = () => s3.send(new PutObjectCommand({ Bucket: 'away', Key: 'a', Body: 'x' }));
  await expect(put()).rejects.toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } });
  const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  await expect(send()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
  const preflight = await fetch(`${cloud.url}/away/a`, {
    method: 'OPTIONS',
    headers: { origin: 'http://page.example', 'access-control-request-method': 'GET' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe('http://page.example');

  await postgres.restart();
  await put();
  // The listening connection is back, too: it wakes a waiting receiver.
  await sleep(1_500);
  const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  await sleep(300);
  await send();
  expect((await waiting).Messages).toHaveLength(1);
});

test('refuses to start a second server on the same database', async () => {
  await start();
  await expect(start()).rejects.toThrow(/Another S3 and SQS server is running on this database/);
});

test('names a port that is in use', async () => {
  const { port } = await start();
  const other = await startTestPostgres();
  cleanUps.push(() => other.stop());
  const dataDirOfOther = await mkdtemp(join(tmpdir(), 'spinbay-faults-'));
  cleanUps.push(() => rm(dataDirOfOther, { recursive: true }));
  await expect(start({ port, databaseUrl: other.url, dataDir: dataDirOfOther })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use`,
  );
});

test('answers waiting receivers at once on close and lets an upload finish', async () => {
  const cloud = await start();
  const { s3, sqs } = clients(cloud, 1);
  await s3.send(new CreateBucketCommand({ Bucket: 'drain' }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'drain' }));
  const half = Buffer.alloc(1_000_000);
  const command = new PutObjectCommand({ Bucket: 'drain', Key: 'a', ContentLength: 2 * half.length });
  const headers = { 'content-length': 2 * half.length };
  const upload = request(await getSignedUrl(s3, command), { method: 'PUT', headers });
  const uploaded = once(upload, 'response');
  upload.write(half);
  while ((await readdir(join(dataDir, 'tmp'))).length === 0) await sleep(10);
  const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  // Opens another connection. Its reply shows that the receiver's connection has been accepted.
  await s3.send(new HeadBucketCommand({ Bucket: 'drain' }));
  const closing = cloud.close();
  expect((await waiting).Messages).toBeUndefined();
  upload.end(half);
  const [response] = (await uploaded) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  response.resume();
  await closing;
  const again = clients(await start(), 1).s3;
  const kept = await again.send(new GetObjectCommand({ Bucket: 'drain', Key: 'a' }));
  expect(kept.ContentLength).toBe(2 * half.length);
  await kept.Body?.transformToByteArray();
});

test('removes files without an object at a start, but not while a backup reads them', async () => {
  await (await start()).close();
  const id = randomUUID();
  const file = join(dataDir, 'blobs', id.slice(0, 2), id);
  await writeFile(file, 'of an object that was deleted during the backup');
  const isThere = () =>
    access(file).then(
      () => true,
      () => false,
    );
  const backup = new pg.Client(postgres.url);
  cleanUps.push(() => backup.end());
  await backup.connect();
  await keepBlobs(backup);
  await (await start()).close();
  expect(await isThere()).toBe(true);
  await backup.query('select pg_advisory_unlock_all()');
  await (await start()).close();
  expect(await isThere()).toBe(false);
});

const hostile: [string, string, RegExp][] = [
  ['a path that is not UTF-8', 'GET /bucket/%ff HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 400 .*InvalidURI/s],
  ['a NUL in a key', 'GET /bucket/a%00b HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 400 .*InvalidURI/s],
  ['an absolute request target', 'GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 400/],
  ['headers without an end', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
  ['no signature', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 403 .*AccessDenied/s],
  [
    'a Content-Length that is too large for SQS',
    `POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 5000000\r\n\r\n${'a'.repeat(5_000_000)}`,
    /^HTTP\/1\.1 413/,
  ],
  [
    'an unknown action',
    'POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.__proto__\r\nContent-Length: 2\r\n\r\n{}',
    /^HTTP\/1\.1 403/,
  ],
];
test('answers hostile requests and keeps running', async () => {
  const cloud = await start();
  for (const [what, text, expected] of hostile) {
    expect(await rawRequest(cloud.port, text), what).toMatch(expected);
  }
  const { s3 } = clients(cloud, 1);
  await s3.send(new CreateBucketCommand({ Bucket: 'lives' }));
});

function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (/\r\n\r\n/.test(answer)) setTimeout(() => socket.destroy(), 50);
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

test('refuses a folder whose objects belong to another database, instead of removing them', async () => {
  const put = async (cloud: LocalCloud) => {
    const { s3 } = clients(cloud, 1);
    await s3.send(new CreateBucketCommand({ Bucket: 'photos' })).catch(() => undefined);
    await s3.send(new PutObjectCommand({ Bucket: 'photos', Key: 'photo', Body: 'bytes' }));
    await cloud.close();
  };
  await put(await start());
  const other = await startTestPostgres();
  cleanUps.push(() => other.stop());
  await expect(start({ databaseUrl: other.url })).rejects.toThrow('belong to another database');
  // A folder of an earlier version, which has no database id, is refused, too.
  await rm(join(dataDir, 'database-id'));
  await expect(start({ databaseUrl: other.url })).rejects.toThrow('belong to another database');
  const { s3 } = clients(await start(), 1);
  const reply = await s3.send(new GetObjectCommand({ Bucket: 'photos', Key: 'photo' }));
  expect(await reply.Body?.transformToString()).toBe('bytes');
  await expect(start({ databaseUrl: other.url })).rejects.toThrow('belong to another database');
});

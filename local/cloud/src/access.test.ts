import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAllowed } from './access.ts';
import { type LocalCloud, startLocalCloud } from './index.ts';
import { withPermissions } from './roles.ts';
import { ensureBucket, ensureImageQueue } from './set-up/index.ts';
import { quiet } from './testing/target.ts';

const region = 'eu-central-1';
const Bucket = 'photos';
const Key = 'org/one/photo.jpg';
const keyOf = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: randomBytes(20).toString('hex') });
const keys = { admin: keyOf('admin'), api: keyOf('api'), worker: keyOf('worker'), eraser: keyOf('eraser') };

let postgres: TestPostgres;
let dataDir: string;
let cloud: LocalCloud;
let QueueUrl: string;
let DeadUrl: string;
const clients: { destroy(): void }[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres();
  dataDir = await mkdtemp(join(tmpdir(), 'spinbay-access-'));
  cloud = await startLocalCloud({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: postgres.url,
    accessKeys: withPermissions(keys, false),
    region,
    log: quiet,
  });
  const server = { endpoint: cloud.url, region, credentials: keys.admin };
  const pair = await ensureImageQueue(server);
  QueueUrl = pair.queueUrl;
  DeadUrl = pair.dlqUrl;
  const { queueArn } = pair;
  await ensureBucket({ ...server, bucket: Bucket, corsOrigins: ['http://x.test'], queueArn, suffixes: ['.jpg'] });
  await as('admin').s3.send(new PutObjectCommand({ Bucket, Key, Body: 'photo' }));
  await as('admin').s3.send(new PutObjectCommand({ Bucket, Key: 'backup/secret', Body: 'x' }));
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await cloud?.close();
  await postgres?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

function as(role: keyof typeof keys) {
  const config = { region, endpoint: cloud.url, credentials: keys[role], maxAttempts: 1 };
  const s3 = new S3Client({ ...config, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
  const sqs = new SQSClient(config);
  clients.push(s3, sqs);
  return { s3, sqs };
}

/** A well-formed receipt handle of no message. */
const ReceiptHandle = Buffer.from('1.00000000-0000-4000-8000-000000000000').toString('base64url');
const count = (role: keyof typeof keys, QueueUrl: string) =>
  as(role).sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
const receive = (role: keyof typeof keys, QueueUrl: string) =>
  as(role).sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 }));
const remove = (role: keyof typeof keys, QueueUrl: string) =>
  as(role).sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
const send = (role: keyof typeof keys, QueueUrl: string) =>
  as(role).sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));

const calls = {
  'read a photo': (role) => as(role).s3.send(new GetObjectCommand({ Bucket, Key })),
  'write a photo': (role) => as(role).s3.send(new PutObjectCommand({ Bucket, Key, Body: 'photo' })),
  'write a photo with tags': (role) =>
    as(role).s3.send(new PutObjectCommand({ Bucket, Key, Body: 'photo', Tagging: 'kind=original' })),
  'delete a photo': (role) => as(role).s3.send(new DeleteObjectCommand({ Bucket, Key: 'org/one/gone.jpg' })),
  'read another object': (role) => as(role).s3.send(new GetObjectCommand({ Bucket, Key: 'backup/secret' })),
  'write another object': (role) => as(role).s3.send(new PutObjectCommand({ Bucket, Key: 'page.html', Body: 'x' })),
  'check the bucket': (role) => as(role).s3.send(new HeadBucketCommand({ Bucket })),
  'change the CORS rules': (role) =>
    as(role).s3.send(
      new PutBucketCorsCommand({
        Bucket,
        CORSConfiguration: { CORSRules: [{ AllowedOrigins: ['*'], AllowedMethods: ['GET'] }] },
      }),
    ),
  'count messages': (role) => count(role, QueueUrl),
  'receive messages': (role) => receive(role, QueueUrl),
  'delete a message': (role) => remove(role, QueueUrl),
  'send a message': (role) => send(role, QueueUrl),
  'find the dead-letter queue': (role) =>
    as(role).sqs.send(new GetQueueUrlCommand({ QueueName: DeadUrl.split('/').at(-1) })),
  'count dead letters': (role) => count(role, DeadUrl),
  'receive dead letters': (role) => receive(role, DeadUrl),
  'delete a dead letter': (role) => remove(role, DeadUrl),
  'send a dead letter': (role) => send(role, DeadUrl),
  'change the queue': (role) =>
    as(role).sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '60' } })),
} satisfies Record<string, (role: keyof typeof keys) => Promise<unknown>>;

const shared = [
  'read a photo',
  'write a photo',
  'check the bucket',
  'count messages',
  'send a message',
  'find the dead-letter queue',
  'count dead letters',
] as const;
const allowed: Record<keyof typeof keys, readonly (keyof typeof calls)[]> = {
  admin: Object.keys(calls) as (keyof typeof calls)[],
  api: [...shared, 'write a photo with tags'],
  worker: [...shared, 'receive messages', 'delete a message'],
  eraser: ['delete a photo', 'check the bucket'],
};

test.each(Object.keys(keys) as (keyof typeof keys)[])(
  'grants %s exactly the permissions that it needs',
  async (role) => {
    for (const [name, call] of Object.entries(calls)) {
      const outcome = await call(role).then(
        () => 'allowed',
        (error: { $metadata?: { httpStatusCode?: number } }) => `refused ${error.$metadata?.httpStatusCode}`,
      );
      const expected = (allowed[role] as readonly string[]).includes(name) ? 'allowed' : 'refused 403';
      expect([name, outcome]).toEqual([name, expected]);
    }
  },
);

test('lets the worker delete photos only if it runs the deletion jobs', () => {
  const key = (deletions: boolean) =>
    withPermissions(keys, deletions).find(({ accessKeyId }) => accessKeyId === 'worker');
  const may = (deletions: boolean, object: string) => isAllowed(key(deletions), 's3:DeleteObject', object);
  expect([may(false, Key), may(true, Key), may(true, 'page.html')]).toEqual([false, true, false]);
});

test('limits a presigned URL to the permissions of its key', async () => {
  const { s3 } = as('api');
  const outside = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'elsewhere/photo.jpg' }));
  expect((await fetch(outside, { method: 'PUT', body: 'x' })).status).toBe(403);
  const inside = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'org/two/photo.jpg' }));
  expect((await fetch(inside, { method: 'PUT', body: 'x' })).status).toBe(200);
});

test('neither stores nor serves unsigned headers of an upload', async () => {
  const { s3 } = as('api');
  const command = new PutObjectCommand({ Bucket, Key: 'org/one/headers.jpg', ContentType: 'image/jpeg' });
  const url = await getSignedUrl(s3, command, { signableHeaders: new Set(['content-type']) });
  const headers = {
    'content-type': 'image/jpeg',
    'content-disposition': 'inline; filename="invoice.html"',
    'cache-control': 'public, max-age=31536000',
    'content-language': 'xx',
  };
  expect((await fetch(url, { method: 'PUT', headers, body: 'photo' })).status).toBe(200);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'org/one/headers.jpg' }));
  await got.Body?.transformToByteArray();
  expect(got).toMatchObject({ ContentType: 'image/jpeg' });
  expect([got.ContentDisposition, got.CacheControl, got.ContentLanguage]).toEqual([undefined, undefined, undefined]);
});

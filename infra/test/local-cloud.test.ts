import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startLocalCloud } from '@spinbay/local-cloud';
import { startTestPostgres } from '@spinbay/local-postgres/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthesised } from './templates.ts';

const aws = synthesised('prod');
const photos = aws.one('AWS::S3::Bucket', 'Photos').properties;
const queue = aws.one('AWS::SQS::Queue', 'Queue').properties;
const deadLetters = aws.one('AWS::SQS::Queue', 'DeadLetters').properties;
const Bucket = 'photos';
const closing: (() => unknown)[] = [];

let s3: S3Client;
let sqs: SQSClient;
let endpoint: string;
let queueUrl: string;
let deadLetterUrl: string;

/** Creates a queue of the template on the local server. */
async function makeQueue(name: string, Attributes: Record<string, string>) {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  const reply = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return { url: QueueUrl, attributes: reply.Attributes ?? {} };
}

beforeAll(async () => {
  const postgres = await startTestPostgres();
  closing.push(() => postgres.stop());
  const dataDir = await mkdtemp(join(tmpdir(), 'spinbay-infra-'));
  closing.push(() => rm(dataDir, { recursive: true, force: true }));
  const credentials = { accessKeyId: 'test', secretAccessKey: randomBytes(20).toString('hex') };
  const log = { info: () => undefined, warn: () => undefined, error: console.error };
  const region = 'eu-central-1';
  const cloud = await startLocalCloud({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: postgres.url,
    accessKeys: [credentials],
    region,
    log,
  });
  closing.push(() => cloud.close());
  endpoint = cloud.url;
  s3 = new S3Client({ region, endpoint, credentials, forcePathStyle: true });
  sqs = new SQSClient({ region, endpoint, credentials });
  closing.push(
    () => s3.destroy(),
    () => sqs.destroy(),
  );

  const dead = await makeQueue('dead', { MessageRetentionPeriod: String(deadLetters.MessageRetentionPeriod) });
  const main = await makeQueue('main', {
    MessageRetentionPeriod: String(queue.MessageRetentionPeriod),
    VisibilityTimeout: String(queue.VisibilityTimeout),
    ReceiveMessageWaitTimeSeconds: String(queue.ReceiveMessageWaitTimeSeconds),
    RedrivePolicy: JSON.stringify({ ...queue.RedrivePolicy, deadLetterTargetArn: dead.attributes.QueueArn }),
  });
  [queueUrl, deadLetterUrl] = [main.url, dead.url];

  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }));
  const rules = photos.CorsConfiguration.CorsRules as Record<string, string[] & number>[];
  await s3.send(
    new PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: {
        CORSRules: rules.map((rule) => ({
          AllowedOrigins: rule.AllowedOrigins,
          AllowedMethods: rule.AllowedMethods,
          AllowedHeaders: rule.AllowedHeaders,
          ExposeHeaders: rule.ExposedHeaders,
          MaxAgeSeconds: rule.MaxAge,
        })),
      },
    }),
  );
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: photos.NotificationConfiguration.QueueConfigurations.map(
          ({ Event, Filter }: { Event: string; Filter: { S3Key: { Rules: object[] } } }) => ({
            QueueArn: main.attributes.QueueArn,
            Events: [Event],
            Filter: { Key: { FilterRules: Filter.S3Key.Rules } },
          }),
        ),
      },
    }),
  );
  // S3 sends one test event when notifications are set up.
  await takeAll();
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function receive(url: string, VisibilityTimeout: number): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, VisibilityTimeout }),
  );
  return Messages;
}

/** Receives all messages of the queue. @returns the keys of their objects */
async function takeAll(): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const messages = await receive(queueUrl, 3_600);
    if (messages.length === 0) return keys.sort();
    for (const { Body = '{}' } of messages)
      for (const { s3: event } of JSON.parse(Body).Records ?? []) keys.push(event.object.key);
  }
}

test('the template’s notifications send one event for each photo under org/, with extensions in any case, and no other event', async () => {
  const wanted = ['a.jpg', 'b.JPG', 'c.jpeg', 'd.JPEG', 'e.heic', 'f.HEIC', 'g.heif', 'h.HeIf'].map(
    (name) => `org/o/site/s/session/x/${name}`,
  );
  const others = ['org/o/site/s/session/x/i.png', 'org/o/notes.txt', 'elsewhere/j.jpg'];
  for (const Key of [...wanted, ...others]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  expect(await takeAll()).toEqual(wanted);
});

test('the template’s CORS rules allow uploads from the portal and the capture app with Spinbay’s headers only', async () => {
  const preflight = (origin: string, headers: string) =>
    fetch(`${endpoint}/${Bucket}/org/x.jpg`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': headers },
    });
  const spinbayHeaders = 'content-type,x-amz-checksum-sha256,x-amz-tagging';
  for (const origin of ['https://portal.spinbay.example.com', 'https://capture.spinbay.example.com'])
    expect((await preflight(origin, spinbayHeaders)).status).toBe(200);
  expect((await preflight('https://elsewhere.example.com', spinbayHeaders)).status).toBe(403);
  expect((await preflight('https://portal.spinbay.example.com', 'x-amz-acl')).status).toBe(403);
});

test('the template’s redrive policy moves a message to the dead-letter queue after three deliveries', async () => {
  const Key = 'org/o/site/s/session/x/poison.jpg';
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  for (let delivery = 1; delivery <= 3; delivery += 1) expect(await receive(queueUrl, 0)).toHaveLength(1);
  expect(await receive(queueUrl, 0)).toEqual([]);
  const [dead] = await receive(deadLetterUrl, 0);
  expect(dead?.Body).toContain(Key);
});

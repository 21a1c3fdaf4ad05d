import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startTestPostgres } from '@spinbay/local-postgres/testing';
import { startLocalCloud } from '../index.ts';

/** The S3 and SQS servers that the conformance suite tests. */
export interface Target {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  s3With(config: S3ClientConfig): S3Client;
  /** Creates a bucket that is deleted after the run. */
  newBucket(): Promise<string>;
  /** Creates a queue that S3 may send to. It is deleted after the run. */
  newQueue(attributes?: Record<string, string>): Promise<{ url: string; arn: string }>;
  close(): Promise<void>;
}

/**
 * Starts the local server on a temporary PostgreSQL. If CONFORMANCE_REGION is set, uses Amazon's servers instead, or those
 * of CONFORMANCE_S3_ENDPOINT and CONFORMANCE_SQS_ENDPOINT, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
 */
export async function openTarget(): Promise<Target> {
  const env = process.env;
  const region = env.CONFORMANCE_REGION;
  if (region !== undefined) {
    const endpoint = env.CONFORMANCE_S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`;
    const sqsEndpoint = env.CONFORMANCE_SQS_ENDPOINT ?? `https://sqs.${region}.amazonaws.com`;
    const credentials = {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    };
    return makeTarget(region, endpoint, sqsEndpoint, credentials, deleteAll);
  }
  const postgres = await startTestPostgres();
  const dataDir = await mkdtemp(join(tmpdir(), 'spinbay-cloud-test-'));
  const credentials = { accessKeyId: 'conformance', secretAccessKey: randomBytes(20).toString('hex') };
  const cloud = await startLocalCloud({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    databaseUrl: postgres.url,
    accessKeys: [credentials],
    region: 'eu-central-1',
    log: quiet,
  });
  return makeTarget('eu-central-1', cloud.url, cloud.url, credentials, async () => {
    await cloud.close();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
}

export const quiet = { info: () => undefined, warn: () => undefined, error: console.error };

function makeTarget(
  region: string,
  endpoint: string,
  sqsEndpoint: string,
  credentials: Target['credentials'],
  release: (created: CreatedResources) => Promise<void>,
): Target {
  const s3With = (config: S3ClientConfig) =>
    new S3Client({ region, endpoint, forcePathStyle: true, credentials, ...config });
  const s3 = s3With({});
  const sqs = new SQSClient({ region, endpoint: sqsEndpoint, credentials });
  const buckets: string[] = [];
  const queues: string[] = [];
  const name = () => `spinbay-conformance-${randomBytes(6).toString('hex')}`;
  return {
    region,
    endpoint,
    credentials,
    s3,
    sqs,
    s3With,
    newBucket: async () => {
      const Bucket = name();
      // Amazon requires an explicit region, except for us-east-1.
      const location = region as 'eu-central-1';
      const elsewhere = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: location } };
      await s3.send(new CreateBucketCommand({ Bucket, ...elsewhere }));
      buckets.push(Bucket);
      return Bucket;
    },
    newQueue: async (attributes = {}) => {
      const QueueName = name();
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
        ],
      });
      const { QueueUrl = '' } = await sqs.send(
        new CreateQueueCommand({ QueueName, Attributes: { Policy, ...attributes } }),
      );
      queues.push(QueueUrl);
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      return { url: QueueUrl, arn: Attributes?.QueueArn ?? '' };
    },
    close: async () => {
      await release({ s3, sqs, buckets, queues });
      s3.destroy();
      sqs.destroy();
    },
  };
}

/** The resources that a run has created. */
interface CreatedResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly buckets: readonly string[];
  readonly queues: readonly string[];
}

/** Deletes the resources of a run. The local server is deleted as a whole instead. */
async function deleteAll({ s3, sqs, buckets, queues }: CreatedResources): Promise<void> {
  for (const Bucket of buckets) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const Objects = Contents.map(({ Key }) => ({ Key }));
    if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
  }
  for (const QueueUrl of queues) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
}

/** Receives until it has `count` messages. */
export async function receiveAll(target: Target, QueueUrl: string, count: number): Promise<Message[]> {
  const all: Message[] = [];
  while (all.length < count) {
    const { Messages = [] } = await target.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds: 20,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) throw new Error(`only ${all.length} of ${count} messages arrived`);
    all.push(...Messages);
  }
  return all;
}

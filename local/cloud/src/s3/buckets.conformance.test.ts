import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketNotificationConfigurationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketCorsCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTarget, receiveAll, type Target } from '../testing/target.ts';

let target: Target;
let bucket: string;
beforeAll(async () => {
  target = await openTarget();
  bucket = await target.newBucket();
});
afterAll(() => target.close());

test('buckets are made, found, and deleted only when empty', async () => {
  const { Buckets = [] } = await target.s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toContain(bucket);
  await target.s3.send(new HeadBucketCommand({ Bucket: bucket }));
  await expect(target.s3.send(new HeadBucketCommand({ Bucket: `${bucket}-not` }))).rejects.toMatchObject({
    name: 'NotFound',
  });
  await expect(target.s3.send(new CreateBucketCommand({ Bucket: 'UPPER_case' }))).rejects.toMatchObject({
    name: 'InvalidBucketName',
  });

  const Bucket = await target.newBucket();
  await target.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
  await expect(target.s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty' });
});

test('CORS rules are kept as given, and can be taken away', async () => {
  const get = () => target.s3.send(new GetBucketCorsCommand({ Bucket: bucket }));
  await expect(get()).rejects.toMatchObject({ name: 'NoSuchCORSConfiguration' });
  const CORSRules = [
    {
      ID: 'one',
      AllowedOrigins: ['*'],
      AllowedMethods: ['GET', 'PUT'],
      AllowedHeaders: ['*'],
      ExposeHeaders: ['ETag'],
      MaxAgeSeconds: 5,
    },
  ];
  await target.s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules } }));
  expect((await get()).CORSRules).toEqual(CORSRules);
  await target.s3.send(new DeleteBucketCorsCommand({ Bucket: bucket }));
  await expect(get()).rejects.toMatchObject({ name: 'NoSuchCORSConfiguration' });
});

test('an object sends its event to the queues whose filter it passes, as S3 writes it', async () => {
  const queue = await target.newQueue();
  const configuration = {
    QueueConfigurations: [
      {
        Id: 'originals',
        QueueArn: queue.arn,
        Events: ['s3:ObjectCreated:*' as const],
        Filter: {
          Key: {
            FilterRules: [
              { Name: 'prefix' as const, Value: 'org/' },
              { Name: 'suffix' as const, Value: '.jpg' },
            ],
          },
        },
      },
    ],
  };
  await target.s3.send(
    new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration: configuration }),
  );
  const [first] = await receiveAll(target, queue.url, 1);
  expect(JSON.parse(first?.Body ?? '')).toMatchObject({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: bucket });
  await target.sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: first?.ReceiptHandle }));
  const kept = await target.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  expect(kept.QueueConfigurations).toMatchObject([
    { Id: 'originals', QueueArn: queue.arn, Events: ['s3:ObjectCreated:*'] },
  ]);
  expect(kept.QueueConfigurations?.[0]?.Filter?.Key?.FilterRules).toHaveLength(2);

  const Key = 'org/a b+ü(1)/angle_015.jpg';
  for (const other of ['other/angle_015.jpg', 'org/angle_015.heic']) {
    await target.s3.send(new PutObjectCommand({ Bucket: bucket, Key: other, Body: 'x' }));
  }
  const { ETag } = await target.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'photo' }));
  const { UploadId } = await target.s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
  const part = await target.s3.send(
    new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber: 1, Body: 'parts' }),
  );
  const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }];
  await target.s3.send(
    new CompleteMultipartUploadCommand({ Bucket: bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );
  await target.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));

  const messages = await receiveAll(target, queue.url, 2);
  const records = messages.flatMap(({ Body }) => (JSON.parse(Body ?? '') as { Records: object[] }).Records);
  const byName = (name: string) => records.find((record) => 'eventName' in record && record.eventName === name);
  expect(byName('ObjectCreated:Put')).toEqual({
    eventVersion: expect.stringMatching(/^2\.\d$/),
    eventSource: 'aws:s3',
    awsRegion: target.region,
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: expect.any(String) },
    requestParameters: { sourceIPAddress: expect.any(String) },
    responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'originals',
      bucket: { name: bucket, ownerIdentity: { principalId: expect.any(String) }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: 'org/a+b%2B%C3%BC%281%29/angle_015.jpg',
        size: 5,
        eTag: ETag?.replaceAll('"', ''),
        sequencer: expect.stringMatching(/^[0-9A-F]{16,}$/),
      },
    },
  });
  expect(byName('ObjectCreated:CompleteMultipartUpload')).toMatchObject({
    s3: { object: { eTag: expect.stringMatching(/-1$/) } },
  });
});

test('a notification to a queue that does not exist is refused', async () => {
  const { arn } = await target.newQueue();
  const QueueConfigurations = [{ QueueArn: `${arn}-not`, Events: ['s3:ObjectCreated:*' as const] }];
  const refused = target.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
  await expect(refused).rejects.toMatchObject({ name: 'InvalidArgument' });
});

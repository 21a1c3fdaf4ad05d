import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
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

test('creates and finds a bucket, and rejects an invalid name', async () => {
  await target.s3.send(new HeadBucketCommand({ Bucket: bucket }));
  await expect(target.s3.send(new HeadBucketCommand({ Bucket: `${bucket}-not` }))).rejects.toMatchObject({
    name: 'NotFound',
  });
  await expect(target.s3.send(new CreateBucketCommand({ Bucket: 'UPPER_case' }))).rejects.toMatchObject({
    name: 'InvalidBucketName',
  });
});

test('sends the event of an object to the queues with a matching filter, in the format of S3', async () => {
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
  const Key = 'org/a b+ü(1)/angle_015.jpg';
  for (const other of ['other/angle_015.jpg', 'org/angle_015.heic']) {
    await target.s3.send(new PutObjectCommand({ Bucket: bucket, Key: other, Body: 'x' }));
  }
  const { ETag } = await target.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'photo' }));
  await target.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));

  const messages = await receiveAll(target, queue.url, 1);
  const records = messages.flatMap(({ Body }) => (JSON.parse(Body ?? '') as { Records: object[] }).Records);
  expect(records).toEqual([
    {
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
    },
  ]);
});

test('rejects a notification to a missing queue', async () => {
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

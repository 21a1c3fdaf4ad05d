import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import type { Connection } from './connection.ts';
import { failureOf } from './errors.ts';

export interface BucketSetUp {
  /** Origins of the browsers that upload and show photos. */
  readonly corsOrigins: readonly string[];
  /** The queue that hears of new objects whose key has one of the suffixes. */
  readonly queueArn: string;
  readonly suffixes: readonly string[];
}

export async function ensureBucket(
  { client, bucket, region, call }: Connection,
  { corsOrigins, queueArn, suffixes }: BucketSetUp,
): Promise<void> {
  await call(null, undefined, async () => {
    try {
      // Amazon refuses us-east-1 by name: it is what a bucket gets without one.
      const constraint =
        region === 'us-east-1' ? undefined : { LocationConstraint: region as BucketLocationConstraint };
      await client.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: constraint }));
    } catch (error) {
      if (failureOf(error).code !== 'BucketAlreadyOwnedByYou') throw error;
    }
    await client.send(
      new PutBucketCorsCommand({
        Bucket: bucket,
        CORSConfiguration: {
          CORSRules: [
            {
              AllowedOrigins: [...corsOrigins],
              AllowedMethods: ['GET', 'HEAD', 'PUT'],
              AllowedHeaders: ['content-type', 'x-amz-checksum-sha256', 'x-amz-tagging'],
              ExposeHeaders: ['ETag'],
              MaxAgeSeconds: 3600,
            },
          ],
        },
      }),
    );
    await client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: {
          QueueConfigurations: suffixes.map((suffix) => ({
            QueueArn: queueArn,
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: suffix }] } },
          })),
        },
      }),
    );
  });
}

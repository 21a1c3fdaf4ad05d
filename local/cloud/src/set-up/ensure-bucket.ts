import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketNotificationConfigurationCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';

export interface ServerAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface PhotoBucket extends ServerAddress {
  readonly bucket: string;
  /** The origins of pages that upload and show photos. */
  readonly corsOrigins: readonly string[];
}

export interface BucketSetUp extends PhotoBucket {
  /** The queue that receives an event per new object whose key has one of the suffixes. */
  readonly queueArn: string;
  readonly suffixes: readonly string[];
}

/** Creates the bucket and sets its CORS rules and notifications. Idempotent. */
export async function ensureBucket(setUp: BucketSetUp): Promise<void> {
  const { bucket: Bucket, queueArn, suffixes } = setUp;
  await ensurePhotoBucket(setUp);
  const client = connect(setUp);
  try {
    await client.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: suffixes.map((suffix) => ({
            QueueArn: queueArn,
            Events: ['s3:ObjectCreated:*'],
            Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: suffix }] } },
          })),
        },
      }),
    );
  } finally {
    client.destroy();
  }
}

/** Creates the bucket and sets its CORS rules, but no notifications: the server need not support them. Idempotent. */
export async function ensurePhotoBucket(setUp: PhotoBucket): Promise<void> {
  const { region, bucket: Bucket, corsOrigins } = setUp;
  const client = connect(setUp);
  try {
    await client
      // Amazon rejects us-east-1 as an explicit region. It is the default.
      .send(
        new CreateBucketCommand({
          Bucket,
          ...(region === 'us-east-1'
            ? {}
            : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
        }),
      )
      .catch((error: unknown) => {
        if (!(error instanceof Error && error.name === 'BucketAlreadyOwnedByYou')) throw error;
      });
    await client.send(
      new PutBucketCorsCommand({
        Bucket,
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
  } finally {
    client.destroy();
  }
}

/**
 * Makes the server ignore `x-amz-acl: public-read` of uploads. Only for servers that support ACLs, which the local one
 * does not.
 */
export async function ignorePublicAcls(setUp: PhotoBucket): Promise<void> {
  const client = connect(setUp);
  try {
    await client.send(
      new PutPublicAccessBlockCommand({
        Bucket: setUp.bucket,
        // Ceph 16 refuses every upload to a bucket with all four blocks.
        PublicAccessBlockConfiguration: { IgnorePublicAcls: true },
      }),
    );
  } finally {
    client.destroy();
  }
}

function connect({ endpoint, region, credentials }: ServerAddress): S3Client {
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true });
}

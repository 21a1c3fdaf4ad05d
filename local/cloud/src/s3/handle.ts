import { type Action, isAllowed } from '../access.ts';
import type { SignatureKind } from '../connections.ts';
import { MalformedRequest, type Reply } from '../http.ts';
import { SignatureError, verifySignature } from '../sigv4/verify.ts';
import { DiskFull } from '../store/blobs.ts';
import { DatabaseFull, DatabaseUnavailable } from '../store/database.ts';
import { createBucket, headBucket, putBucketCors, putBucketNotification } from './buckets.ts';
import { S3Error } from './errors.ts';
import { getObject, getObjectTagging, headObject } from './get-object.ts';
import { listObjects } from './list-objects.ts';
import { deleteObject, putObject } from './put-object.ts';
import { header, type S3Request, splitPath } from './request.ts';

/** Query parameters that select a subresource. Operations that are not in the table below are rejected. */
const subresources = new Set(
  (
    'accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle location ' +
    'logging metrics notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock rename ' +
    'replication requestPayment restore retention select session tagging torrent uploadId uploads versionId versioning ' +
    'versions website'
  ).split(' '),
);

/** The S3 operations that Spinbay needs. */
const operations: Readonly<Record<string, [action: Action, run: (request: S3Request) => Promise<Reply>]>> = {
  'PUT bucket': ['s3:CreateBucket', createBucket],
  'HEAD bucket': ['s3:ListBucket', headBucket],
  'GET bucket': ['s3:ListBucket', listObjects],
  'PUT bucket cors': ['s3:PutBucketCORS', putBucketCors],
  'PUT bucket notification': ['s3:PutBucketNotification', putBucketNotification],
  'PUT object': ['s3:PutObject', putObject],
  'GET object': ['s3:GetObject', getObject],
  'HEAD object': ['s3:GetObject', headObject],
  'DELETE object': ['s3:DeleteObject', deleteObject],
  'GET object tagging': ['s3:GetObjectTagging', getObjectTagging],
};

/** Authorizes and executes an S3 request. */
export async function handleS3(
  unauthorized: Omit<S3Request, 'auth' | 'bucket' | 'key'>,
  onSigned: (kind: SignatureKind) => void,
): Promise<Reply> {
  const { cloud, wire } = unauthorized;
  const { bucket, key } = splitPath(wire.rawPath);
  const auth = verifySignature(wire, {
    service: 's3',
    region: cloud.region,
    secretOf: (id) => cloud.accessKeys.get(id)?.secretAccessKey,
  });
  const names = [...new Set(wire.query.map(([name]) => name))].filter((name) => subresources.has(name)).sort();
  const target = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const operation = operations[[wire.method, target, names.join(',')].filter((word) => word !== '').join(' ')];
  if (!operation) {
    const what = names.length > 0 ? `${wire.method} of ?${names.join('&')}` : `${wire.method} of a ${target}`;
    throw new S3Error('NotImplemented', `${what} is not supported by this server.`);
  }
  const [action, run] = operation;
  const request = { ...unauthorized, auth, bucket, key };
  // Like Amazon S3, which requires a separate permission for the tags of an upload.
  const isTagged = action === 's3:PutObject' && header(request, 'x-amz-tagging') !== undefined;
  for (const needed of isTagged ? ([action, 's3:PutObjectTagging'] as const) : [action]) {
    if (!isAllowed(cloud.accessKeys.get(auth.accessKeyId), needed, key)) {
      throw new S3Error('AccessDenied', `This access key has no permission for ${needed} on this resource.`);
    }
    cloud.log.debug?.({ call: { by: auth.accessKeyId, action: needed, bucket, key } }, 'S3');
  }
  onSigned(auth.in === 'header' ? 'header' : 'presigned');
  return run(request);
}

/** Converts an error to an S3 error. Undefined for unexpected errors. */
export function toS3Error(error: unknown): S3Error | undefined {
  if (error instanceof S3Error) return error;
  if (error instanceof SignatureError) return new S3Error(error.code, error.message);
  if (error instanceof MalformedRequest)
    return new S3Error('InvalidURI', `Couldn't parse the specified URI: ${error.message}.`);
  if (error instanceof DiskFull || error instanceof DatabaseFull) {
    return new S3Error(
      'InsufficientStorage',
      'The disk of the object store is full. This upload was not stored. Free space on its machine, then upload again.',
      { cause: error },
    );
  }
  if (error instanceof DatabaseUnavailable) {
    return new S3Error('ServiceUnavailable', 'The database is temporarily unavailable. Please try again.', {
      cause: error,
    });
  }
  return undefined;
}

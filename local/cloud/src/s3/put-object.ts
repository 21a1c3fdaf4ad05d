import type { Reply } from '../http.ts';
import { DatabaseUnavailable } from '../store/database.ts';
import { mayRemoveBlobs } from '../store/keep-blobs.ts';
import {
  type Checksum,
  deleteObjectRow,
  findObject,
  type NewObject,
  type PutConditions,
  type PutRefusal,
  putObjectRow,
} from '../store/objects.ts';
import { openBody } from './body.ts';
import { checksumHeaders } from './checksums.ts';
import { S3Error } from './errors.ts';
import { eventsOf } from './events.ts';
import { header, requireBucket, type S3Request } from './request.ts';
import { readObjectHeaders, readTags } from './upload-headers.ts';

/** PUT /bucket/key: acknowledged when bytes, row and event are on disk. */
export async function putObject(request: S3Request): Promise<Reply> {
  const { cloud, bucket, key } = request;
  requireBucket(request);
  const headers = readObjectHeaders(request);
  const tags = readTags(request);
  const conditions = readConditions(request);
  if (conditions.onlyIfAbsent && (await findObject(cloud.database, bucket, key))) throw refusal('precondition_failed');
  const body = openBody(request, cloud.maxObjectBytes);

  const blob = await cloud.blobs.write(body.bytes, body.length);
  const { size, md5, checksum } = body.digests();
  const stored: Checksum | null = checksum ? { ...checksum, type: 'FULL_OBJECT' } : null;
  await commitObject(request, { bucket, key, blob, size, etag: md5, headers, tags, checksum: stored }, conditions);
  return { status: 200, headers: { etag: `"${md5}"`, ...checksumReply(stored) } };
}

/**
 * Creates the row and the events of an object whose blob is on disk, in one transaction. On an error, removes the blob,
 * unless the outcome of the transaction is unknown: then the sweep at the next start decides.
 */
async function commitObject(request: S3Request, object: NewObject, conditions: PutConditions): Promise<void> {
  const { database, blobs } = request.cloud;
  try {
    const result = await database.transact(async (tx) => {
      const put = await putObjectRow(tx, object, conditions, eventsOf(request, object));
      if (typeof put === 'string') throw refusal(put);
      return put;
    });
    if (result.replacedBlob) await removeBlob(request, result.replacedBlob);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable && error.uncertain)) await blobs.remove(object.blob);
    throw error;
  }
}

/** DELETE /bucket/key: answers 204 whether the object existed or not. */
export async function deleteObject(request: S3Request): Promise<Reply> {
  requireBucket(request);
  const blob = await deleteObjectRow(request.cloud.database, request.bucket, request.key);
  if (blob !== undefined) await removeBlob(request, blob);
  return { status: 204 };
}

/** Removes the bytes of a deleted object, or leaves them to the sweep at the next start. */
async function removeBlob({ cloud: { database, blobs, log } }: S3Request, blob: string): Promise<void> {
  try {
    if (await mayRemoveBlobs(database)) await blobs.remove(blob);
  } catch (error) {
    log.warn({ err: error }, 'an old blob could not be removed; the next start removes it');
  }
}

export function checksumReply(checksum: Checksum | null): Record<string, string> {
  if (!checksum) return {};
  return { [checksumHeaders[checksum.algorithm]]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

function readConditions(request: S3Request): PutConditions {
  const ifNoneMatch = header(request, 'if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', 'A PUT supports If-None-Match only with the value *.');
  }
  return { onlyIfAbsent: ifNoneMatch === '*', onlyIfEtag: header(request, 'if-match')?.replaceAll('"', '') };
}

function refusal(reason: PutRefusal): S3Error {
  return reason === 'no_such_bucket'
    ? new S3Error('NoSuchBucket', 'The specified bucket does not exist')
    : new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
}

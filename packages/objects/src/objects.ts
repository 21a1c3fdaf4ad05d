import { createHash } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { connect, type ObjectsOptions } from './connection.ts';
import { type Downloaded, download } from './download.ts';
import { ObjectMissing } from './errors.ts';
import { createGetSigner, type ReadTime } from './sign-get.ts';
import { type PutConditions, type SignedPut, signPut } from './sign-put.ts';
import { createUrlSigner } from './sign-url.ts';

export interface ObjectHead {
  /** In bytes. */
  readonly size: number;
  readonly contentType: string | null;
  readonly lastModified: Date | null;
}

export interface ListedObject {
  readonly key: string;
  readonly lastModified: Date;
}

/**
 * The bucket of the photos. Calls to the store throw `ObjectMissing` if their object does not exist, the signal's reason
 * if it aborts, and `ObjectStoreUnavailable` for any other failure of the store. Transient failures are retried up to three
 * times.
 */
export interface Objects {
  /** Signs a URL and headers for the upload of exactly these bytes. Valid for 15 minutes by default. */
  presignPut(key: string, conditions: PutConditions, now?: Date): Promise<SignedPut>;
  /**
   * Signs a URL for reading, valid for 1.5 to 2 hours. It stays the same for half an hour. The groups change their URLs at
   * different times.
   */
  presignGet(key: string, time: ReadTime): Promise<string>;
  /**
   * Like `presignGet`, for an original. A browser displays it and saves it under `fileName`, even if the object has another
   * disposition.
   */
  presignOriginal(key: string, time: ReadTime, fileName: string): Promise<string>;
  /** Signs URLs for many keys, in their order. */
  presignGets(keys: readonly string[], time: ReadTime): Promise<string[]>;
  /** Returns a value that changes with the URLs of `presignGet`. Include it in the ETag of a reply that contains them. */
  urlWindow(time: ReadTime): Promise<string>;
  /** Writes the object to a file, which must not exist. Also throws `ObjectTooLarge`. */
  download(key: string, toFile: string, options: { signal?: AbortSignal; maxBytes: number }): Promise<Downloaded>;
  /** Writes an object in one request. The store checks its SHA-256. */
  put(
    key: string,
    bytes: Uint8Array,
    options: { contentType: string; cacheControl?: string; signal?: AbortSignal },
  ): Promise<void>;
  /** @returns null if the object does not exist */
  head(key: string, options?: { signal?: AbortSignal }): Promise<ObjectHead | null>;
  /** Reads the tags of the object. @returns null if the store does not keep tags */
  tags(key: string, options?: { signal?: AbortSignal }): Promise<Record<string, string> | null>;
  /** At most `limit` (default 1000) objects whose keys begin with a prefix and follow `after`, in order of their keys. */
  list(prefix: string, options?: { signal?: AbortSignal; after?: string; limit?: number }): Promise<ListedObject[]>;
  /** Removes an object. Does nothing if it does not exist. */
  remove(key: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** Resolves if the bucket can be reached with these credentials. */
  ready(options?: { signal?: AbortSignal }): Promise<void>;
  close(): void;
}

export function createObjects(options: ObjectsOptions): Objects {
  const connection = connect(options);
  const { client, bucket, call } = connection;
  const { tags: hasTags = true } = options;
  const signer = createUrlSigner(connection);
  const getSigner = createGetSigner(signer);
  return {
    presignPut: (key, conditions, now = new Date()) =>
      call(null, undefined, async () => {
        const kept = hasTags ? conditions : { ...conditions, tags: {} };
        return signPut(await signer(), key, kept, now);
      }),
    presignGet: (key, time) =>
      call(null, undefined, async () => {
        const [url = ''] = await getSigner.sign([key], time);
        return url;
      }),
    presignOriginal: (key, time, fileName) =>
      call(null, undefined, async () => {
        const disposition = `inline; filename="${fileName.replace(/[^\w.-]/g, '_')}"`;
        const [url = ''] = await getSigner.sign([key], time, disposition);
        return url;
      }),
    presignGets: (keys, time) => call(null, undefined, () => getSigner.sign(keys, time)),
    urlWindow: (time) => call(null, undefined, () => getSigner.urlWindow(time)),
    download: (key, toFile, limits) => download(connection, key, toFile, limits),
    async put(key, bytes, { contentType, cacheControl, signal }) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: bytes,
        ContentType: contentType,
        CacheControl: cacheControl,
        ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
      });
      // No key: a 404 for a PUT means that the bucket is missing.
      await call(null, signal, () => client.send(command, sendOptions(signal)));
    },
    async head(key, { signal } = {}) {
      try {
        const reply = await call(key, signal, () =>
          client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), sendOptions(signal)),
        );
        return {
          size: reply.ContentLength ?? 0,
          contentType: reply.ContentType ?? null,
          lastModified: reply.LastModified ?? null,
        };
      } catch (error) {
        if (error instanceof ObjectMissing) return null;
        throw error;
      }
    },
    async tags(key, { signal } = {}) {
      if (!hasTags) return null;
      const reply = await call(key, signal, () =>
        client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }), sendOptions(signal)),
      );
      return Object.fromEntries((reply.TagSet ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
    },
    async list(prefix, { signal, after, limit = 1000 } = {}) {
      const page = {
        Bucket: bucket,
        Prefix: prefix,
        MaxKeys: limit,
        ...(after === undefined ? {} : { StartAfter: after }),
      };
      const reply = await call(null, signal, () => client.send(new ListObjectsV2Command(page), sendOptions(signal)));
      return (reply.Contents ?? []).map(({ Key = '', LastModified = new Date() }) => ({
        key: Key,
        lastModified: LastModified,
      }));
    },
    async remove(key, { signal } = {}) {
      await call(null, signal, () =>
        client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), sendOptions(signal)),
      );
    },
    async ready({ signal } = {}) {
      await call(null, signal, () => client.send(new HeadBucketCommand({ Bucket: bucket }), sendOptions(signal)));
    },
    close: () => client.destroy(),
  };
}

function sendOptions(signal: AbortSignal | undefined) {
  return signal ? { abortSignal: signal } : {};
}

import { S3Client } from '@aws-sdk/client-s3';
import { objectError, type Where } from './errors.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ObjectsOptions {
  /** An S3-compatible server, addressed by path. Left out: Amazon S3 of the region. */
  readonly endpoint?: string | undefined;
  /** Where clients reach that server, if elsewhere: signed URLs begin with it. */
  readonly publicEndpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** Left out: the SDK's own chain (the role of the task or machine, environment, profile). */
  readonly credentials?: Credentials | undefined;
  /** A store that sends nothing for so long is taken for away (20 s unless told otherwise); a download may take 15 times that. */
  readonly stalledAfterMs?: number;
}

export interface Connection {
  readonly client: S3Client;
  readonly bucket: string;
  readonly publicEndpoint: string | undefined;
  readonly region: string;
  readonly stalledAfterMs: number;
  /** Runs one call and turns its errors into ours; `key` is the object that it is about. */
  call<T>(key: string | null, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T>;
}

export function connect(options: ObjectsOptions): Connection {
  const { stalledAfterMs = 20_000 } = options;
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.credentials === undefined ? {} : { credentials: { ...options.credentials } }),
    // Otherwise the SDK adds a CRC32 of an empty body to presigned uploads; our own SHA-256 is sent in its place.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryMode: 'standard',
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 5_000,
      // Until the answer begins. A pause ends the exchange at any time, also one in the middle of a body.
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      socketTimeout: stalledAfterMs,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
  });
  const where: Where = { bucket: options.bucket, endpoint: options.endpoint ?? `Amazon S3 (${options.region})` };
  return {
    client,
    bucket: options.bucket,
    publicEndpoint: options.publicEndpoint,
    region: options.region,
    stalledAfterMs,
    async call(key, signal, run) {
      signal?.throwIfAborted();
      try {
        return await run();
      } catch (error) {
        throw objectError(error, where, key, signal);
      }
    },
  };
}

import { S3Client } from '@aws-sdk/client-s3';
import { objectError, type Where } from './errors.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ObjectsOptions {
  /** An S3-compatible server with path-style addresses. Default: Amazon S3 of the region. */
  readonly endpoint?: string | undefined;
  /** The address at which clients reach that server, if it differs. Signed URLs begin with it. */
  readonly publicEndpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** Default: the SDK's credential chain (role of the task or machine, environment, profile). */
  readonly credentials?: Credentials | undefined;
  /** Whether the store keeps tags. Default: true. */
  readonly tags?: boolean;
  /** After this long without data, the store counts as unavailable. A download may take 15 times as long. Default: 20 s. */
  readonly stalledAfterMs?: number;
}

export interface Connection {
  readonly client: S3Client;
  readonly bucket: string;
  readonly publicEndpoint: string | undefined;
  readonly region: string;
  readonly stalledAfterMs: number;
  /** Runs a call and converts its errors. `key` is the object of the call, if any. */
  call<T>(key: string | null, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T>;
}

export function connect(options: ObjectsOptions): Connection {
  const { stalledAfterMs = 20_000 } = options;
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.credentials === undefined ? {} : { credentials: { ...options.credentials } }),
    // By default, the SDK adds a CRC32 to uploads without a digest and asks for the checksums of downloads. Spinbay uses
    // SHA-256 digests of its own instead.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    retryMode: 'standard',
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 5_000,
      // The limit until the response starts. The stall limit applies at any time, even in the middle of a body.
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

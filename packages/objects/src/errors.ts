import { UserError } from '@spinbay/contracts/user-error';

/** There is no object under this key. */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing';
  readonly key: string;

  constructor(key: string) {
    super(`There is no object "${key}" in the bucket.`);
    this.key = key;
  }
}

/** The object is larger than the caller allows. No file was kept. */
export class ObjectTooLarge extends Error {
  override readonly name = 'ObjectTooLarge';
  readonly key: string;
  readonly maxBytes: number;

  constructor(key: string, maxBytes: number) {
    super(`The object "${key}" is larger than ${maxBytes} bytes, the maximum.`);
    this.key = key;
    this.maxBytes = maxBytes;
  }
}

/**
 * The store could not carry out the call: it is unreachable, busy or misconfigured (bucket, credentials, permissions).
 * This says nothing about the object. A retry may succeed.
 */
export class ObjectStoreUnavailable extends UserError {
  override readonly name = 'ObjectStoreUnavailable';
  /** The HTTP status, if there was a response. */
  readonly status: number | null;

  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

interface Failure {
  readonly status: number | null;
  readonly code: string;
  /** Details for troubleshooting: the store's message and the request id. */
  readonly detail: string;
}

/** Extracts the HTTP status, if the store responded, and the error code of S3 or Node from an SDK error. */
function failureOf(error: unknown): Failure {
  const { name, code, message, $metadata } = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: unknown; requestId?: unknown };
  };
  const status = typeof $metadata?.httpStatusCode === 'number' ? $metadata.httpStatusCode : null;
  const request = $metadata?.requestId === undefined ? '' : `, request ${$metadata.requestId}`;
  return { status, code: String(code ?? name ?? error), detail: `${message ?? ''}${request}` };
}

/** The store's location, for messages. */
export interface Where {
  readonly bucket: string;
  readonly endpoint: string;
}

/**
 * Converts an SDK error to one of the errors above. If the caller aborted, returns the signal's reason.
 * @param key the object of the call, if any
 */
export function objectError(error: unknown, where: Where, key: string | null, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof ObjectMissing || error instanceof ObjectTooLarge) return error;
  const { status, code, detail } = failureOf(error);
  // A HEAD response has no body, so a missing object and a missing bucket look alike. If the call has a key, the
  // object counts as missing.
  if (key !== null && status === 404 && code !== 'NoSuchBucket') return new ObjectMissing(key);
  // An SDK error that has a response contains the whole exchange, including signed headers, so it is not used as the cause.
  if (status !== null) return new ObjectStoreUnavailable(sentence(status, `${code}: ${detail}`, where), status);
  return new ObjectStoreUnavailable(sentence(status, code, where), status, error);
}

function sentence(status: number | null, code: string, { bucket, endpoint }: Where): string {
  if (status === null)
    return `The object store at ${endpoint} does not answer (${code}). Check S3_ENDPOINT and the network.`;
  if (status === 404) return `The bucket "${bucket}" does not exist at ${endpoint}. Create it, or set S3_BUCKET.`;
  if (status === 403) {
    // Without the permission to list the bucket, S3 also answers 403 for objects that do not exist.
    return `The object store at ${endpoint} refuses access to the bucket "${bucket}" (${code}). Check the credentials (S3_ACCESS_KEY_ID, or those of AWS) and the permissions of their role, including s3:ListBucket.`;
  }
  if (status === 301)
    return `The bucket "${bucket}" is in another region. Set AWS_REGION, or S3_REGION if the queue is elsewhere.`;
  return `The object store at ${endpoint} failed (${status} ${code}).`;
}

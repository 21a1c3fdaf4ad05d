/** There is no object under this key. */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing';
  readonly key: string;

  constructor(key: string) {
    super(`There is no object "${key}" in the bucket.`);
    this.key = key;
  }
}

/** The object has more bytes than the caller takes; nothing of it was kept. */
export class ObjectTooLarge extends Error {
  override readonly name = 'ObjectTooLarge';
  readonly key: string;
  readonly maxBytes: number;

  constructor(key: string, maxBytes: number) {
    super(`The object "${key}" has more than the ${maxBytes} bytes that are taken.`);
    this.key = key;
    this.maxBytes = maxBytes;
  }
}

/**
 * The store did not do it: it cannot be reached, is busy, or is set up wrongly (bucket, credentials, rights).
 * Nothing is known about the object; the same call may succeed later.
 */
export class ObjectStoreUnavailable extends Error {
  override readonly name = 'ObjectStoreUnavailable';
  /** The HTTP status where there was an answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

interface Failure {
  readonly status: number | null;
  readonly code: string;
  /** For people who look into it: what the store said, and the number of the request. */
  readonly detail: string;
}

/** What an error of the SDK says: the HTTP status where the store answered, and S3's or Node's code of the error. */
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

/** The store of a set of calls, for messages. */
export interface Where {
  readonly bucket: string;
  readonly endpoint: string;
}

/**
 * Turns what the SDK threw into one of the errors above. An abort by the caller keeps the reason of its signal.
 * @param key the object that the call was about, where it was about one
 */
export function objectError(error: unknown, where: Where, key: string | null, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof ObjectMissing || error instanceof ObjectTooLarge) return error;
  const { status, code, detail } = failureOf(error);
  // HEAD has no body, so that a missing object and a missing bucket look alike there: the key decides.
  if (key !== null && status === 404 && code !== 'NoSuchBucket') return new ObjectMissing(key);
  // An answer's error of the SDK holds the whole exchange, signed headers included: it goes no further.
  if (status !== null) return new ObjectStoreUnavailable(sentence(status, `${code}: ${detail}`, where), status);
  return new ObjectStoreUnavailable(sentence(status, code, where), status, error);
}

function sentence(status: number | null, code: string, { bucket, endpoint }: Where): string {
  if (status === null)
    return `The object store at ${endpoint} does not answer (${code}). Check S3_ENDPOINT and the network.`;
  if (status === 404) return `The bucket "${bucket}" does not exist at ${endpoint}. Create it, or set S3_BUCKET.`;
  if (status === 403) {
    // Without the right to list the bucket, S3 answers 403 for objects that do not exist, too.
    return `The object store at ${endpoint} refuses access to the bucket "${bucket}" (${code}). Check the credentials and the rights of their role, s3:ListBucket included.`;
  }
  if (status === 301) return `The bucket "${bucket}" is in another region. Set AWS_REGION.`;
  return `The object store at ${endpoint} cannot do it now (${status} ${code}).`;
}

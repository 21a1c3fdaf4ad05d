import { SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ConnectionOptions {
  /** An SQS-compatible server. Left out: Amazon SQS of the region. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Left out: the SDK's own chain (the role of the task or machine, environment, profile). */
  readonly credentials?: Credentials | undefined;
}

/** The queue did not do it: it cannot be reached, is busy, or is set up wrongly. The same call may succeed later. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
  /** The HTTP status where there was an answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

/** The message of this receipt is no longer ours: it was deleted, or its visibility timeout ran out. */
export class ReceiptExpired extends Error {
  override readonly name = 'ReceiptExpired';

  constructor() {
    super('The message was deleted or its visibility timeout ran out, so that somebody else may hold it now.');
  }
}

/** The longest wait of a poll that SQS allows. */
const maxWaitSeconds = 20;

export function connect({ endpoint, region, credentials }: ConnectionOptions): SQSClient {
  return new SQSClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }),
    retryMode: 'standard',
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 5_000,
      // An empty poll is silent for all of its wait: both must be longer.
      requestTimeout: (maxWaitSeconds + 15) * 1000,
      throwOnRequestTimeout: true,
      socketTimeout: (maxWaitSeconds + 10) * 1000,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
  });
}

/** Runs one call and turns its errors into ours. An abort by the caller keeps the reason of its signal. */
export async function call<T>(where: string, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw queueError(error, where);
  }
}

function queueError(error: unknown, where: string): Error {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (!(error instanceof SQSServiceException)) {
    const why = String(code ?? name ?? error);
    return new QueueUnavailable(
      `The queue ${where} does not answer (${why}). Check SQS_ENDPOINT, SQS_QUEUE_URL and the network.`,
      null,
      error,
    );
  }
  // An answer's error of the SDK holds the whole exchange, signed headers included: it goes no further.
  const status = error.$metadata.httpStatusCode ?? null;
  const why = `${error.name}: ${error.message}, request ${error.$metadata.requestId}`;
  // SQS has three names for it, by call and by how long ago it was.
  if (/ReceiptHandleIsInvalid|MessageNotInflight/.test(error.name)) return new ReceiptExpired();
  if (/InvalidParameterValue/.test(error.name) && /ReceiptHandle/.test(error.message)) return new ReceiptExpired();
  if (/QueueDoesNotExist|NonExistentQueue/.test(error.name)) {
    return new QueueUnavailable(`The queue ${where} does not exist. Create it, or set SQS_QUEUE_URL.`, status);
  }
  if (status === 403) {
    return new QueueUnavailable(
      `The queue ${where} refuses access (${why}). Check the credentials and the rights of their role.`,
      status,
    );
  }
  return new QueueUnavailable(`The queue ${where} cannot do it now (${status} ${why}).`, status);
}

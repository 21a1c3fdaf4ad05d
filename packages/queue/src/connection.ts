import { SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { UserError } from '@spinbay/contracts/user-error';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ConnectionOptions {
  /** An SQS-compatible server. Default: Amazon SQS of the region. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Default: the SDK's credential chain (role of the task or machine, environment, profile). */
  readonly credentials?: Credentials | undefined;
}

/** The queue could not carry out the call: it is unreachable, busy or misconfigured. A retry may succeed. */
export class QueueUnavailable extends UserError {
  override readonly name = 'QueueUnavailable';
  /** The HTTP status, if there was a response. */
  readonly status: number | null;

  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

/** The receipt handle is no longer valid: the message was deleted, or its visibility timeout expired. */
export class ReceiptExpired extends Error {
  override readonly name = 'ReceiptExpired';

  constructor() {
    super('The message was deleted or its visibility timeout expired, so another consumer may have received it.');
  }
}

/** The longest wait that SQS allows. */
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
      // An empty receive sends nothing during its wait, so both limits must be longer.
      requestTimeout: (maxWaitSeconds + 15) * 1000,
      throwOnRequestTimeout: true,
      socketTimeout: (maxWaitSeconds + 10) * 1000,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
  });
}

/** Runs a call and converts its errors. If the caller aborted, throws the signal's reason. */
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
  // An SDK error that has a response contains the whole exchange, including signed headers, so it is not used as the cause.
  const status = error.$metadata.httpStatusCode ?? null;
  const why = `${error.name}: ${error.message}, request ${error.$metadata.requestId}`;
  // SQS has three names for an expired receipt, depending on the call and on the age of the receipt.
  if (/ReceiptHandleIsInvalid|MessageNotInflight/.test(error.name)) return new ReceiptExpired();
  if (/InvalidParameterValue/.test(error.name) && /ReceiptHandle/.test(error.message)) return new ReceiptExpired();
  if (/QueueDoesNotExist|NonExistentQueue/.test(error.name)) {
    return new QueueUnavailable(`The queue ${where} does not exist. Create it, or set SQS_QUEUE_URL.`, status);
  }
  if (status === 403) {
    return new QueueUnavailable(
      `The queue ${where} refuses access (${why}). Check the credentials and the permissions of their role.`,
      status,
    );
  }
  return new QueueUnavailable(`The queue ${where} failed (${status} ${why}).`, status);
}

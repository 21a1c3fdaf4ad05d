import type { IncomingMessage } from 'node:http';
import { type Action, isAllowed, isAllowedAnywhere } from '../access.ts';
import type { Cloud } from '../cloud.ts';
import type { SignatureKind } from '../connections.ts';
import { MalformedRequest, type Reply } from '../http.ts';
import { sha256Hex, type WireRequest } from '../sigv4/canonical.ts';
import { SignatureError, verifySignature } from '../sigv4/verify.ts';
import { DatabaseFull, DatabaseUnavailable } from '../store/database.ts';
import { SqsError, type SqsErrorCode } from './errors.ts';
import { createQueue, getQueueAttributes, getQueueUrl, setQueueAttributes } from './queues.ts';
import { changeMessageVisibility, deleteMessage, receiveMessage } from './receive.ts';
import { isRecord, queueOfUrl, requireText, type SqsRequest } from './request.ts';
import { sendMessage } from './send.ts';

/** The SQS actions that Spinbay needs. */
type SqsAction = Action extends infer A ? (A extends `sqs:${infer Name}` ? Name : never) : never;
const operations: Readonly<Record<SqsAction, (request: SqsRequest) => Promise<object>>> = {
  CreateQueue: createQueue,
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  SetQueueAttributes: setQueueAttributes,
  SendMessage: sendMessage,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  ChangeMessageVisibility: changeMessageVisibility,
};

/** The actions that name their queue. All others have its URL. */
const withQueueName: ReadonlySet<string> = new Set<SqsAction>(['CreateQueue', 'GetQueueUrl']);

/** Fits a message of 1 MiB that is escaped as JSON. */
const maxBody = 4_000_000;
/** For a body whose hash is not in the headers: it is read before its signature can be verified. */
const maxUnverifiedBody = 64 * 1024;

export function isSqs(wire: WireRequest): boolean {
  return wire.headers.get('x-amz-target')?.[0]?.startsWith('AmazonSQS.') ?? false;
}

export interface SqsCall {
  readonly cloud: Cloud;
  readonly wire: WireRequest;
  readonly incoming: IncomingMessage;
  /** Tells a client that sent `Expect: 100-continue` to send the body. */
  readonly askForBody: () => void;
  readonly gone: AbortSignal;
}

/** Authorizes and executes an SQS call (AWS JSON 1.0). */
export async function handleSqs(call: SqsCall, onSigned: (kind: SignatureKind) => void): Promise<Reply> {
  const { cloud, wire, gone } = call;
  const name = (wire.headers.get('x-amz-target')?.[0] ?? '').slice('AmazonSQS.'.length);
  // The body names the queue. It is parsed only for a key that may do this on some queue.
  const { accessKeyId, body } = await readVerified(call, (id) => {
    if (!Object.hasOwn(operations, name))
      throw new SqsError('InvalidAction', `The action ${name} is not supported by this server.`);
    if (!isAllowedAnywhere(cloud.accessKeys.get(id), `sqs:${name as SqsAction}`))
      throw new SqsError('AccessDenied', `This access key has no permission for sqs:${name}.`);
  });
  const operation = operations[name as SqsAction];
  onSigned('header');
  const origin = `http://${wire.headers.get('host')?.[0] ?? ''}`;
  const input = readInput(body);
  const queue = withQueueName.has(name) ? requireText(input, 'QueueName') : queueOfUrl(requireText(input, 'QueueUrl'));
  if (!isAllowed(cloud.accessKeys.get(accessKeyId), `sqs:${name as SqsAction}`, queue))
    throw new SqsError('AccessDenied', `This access key has no permission for sqs:${name} on this queue.`);
  cloud.log.debug?.({ call: { by: accessKeyId, action: `sqs:${name}`, queue } }, 'SQS');
  const output = await operation({ cloud, input, queue, origin, gone });
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(output) };
}

/**
 * Verifies the signature and reads the body. The AWS SDKs for JavaScript send the hash of the body as a signed header: the
 * signature is then verified before anything is read. Other clients sign the hash without sending it: their body is read
 * first.
 * @param assertAllowed called with the verified access key as soon as it is known
 */
async function readVerified(
  { cloud, wire, incoming, askForBody }: SqsCall,
  assertAllowed: (accessKeyId: string) => void,
): Promise<{ accessKeyId: string; body: Buffer }> {
  const verify = (bodyHash?: string) =>
    verifySignature(wire, {
      service: 'sqs',
      region: cloud.region,
      secretOf: (id) => cloud.accessKeys.get(id)?.secretAccessKey,
      ...(bodyHash === undefined ? {} : { bodyHash }),
    });
  if (wire.headers.has('x-amz-content-sha256')) {
    const { accessKeyId, payload } = verify();
    assertAllowed(accessKeyId);
    askForBody();
    const body = await readBody(incoming, maxBody);
    if (sha256Hex(body) !== payload)
      throw new SignatureError('SignatureDoesNotMatch', 'The body does not have the signed hash.');
    return { accessKeyId, body };
  }
  askForBody();
  const body = await readBody(incoming, maxUnverifiedBody);
  const { accessKeyId } = verify(sha256Hex(body));
  assertAllowed(accessKeyId);
  return { accessKeyId, body };
}

async function readBody(incoming: IncomingMessage, max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > max)
      throw new SqsError(
        'RequestEntityTooLarge',
        `A request can have at most ${maxBody} bytes, or ${maxUnverifiedBody} without the header x-amz-content-sha256.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readInput(body: Buffer): Readonly<Record<string, unknown>> {
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8') || '{}');
  } catch (error) {
    throw new SqsError('SerializationException', 'The body is not JSON.', { cause: error });
  }
  if (!isRecord(input)) throw new SqsError('SerializationException', 'The body must be a JSON object.');
  return input;
}

const signatureFaults: Readonly<Record<string, SqsErrorCode>> = {
  AccessDenied: 'MissingAuthenticationToken',
  InvalidAccessKeyId: 'InvalidClientTokenId',
  RequestTimeTooSkewed: 'RequestExpired',
};

/** Converts an error to an SQS error. Undefined for unexpected errors. */
export function toSqsError(error: unknown): SqsError | undefined {
  if (error instanceof SqsError) return error;
  if (error instanceof SignatureError)
    return new SqsError(signatureFaults[error.code] ?? 'SignatureDoesNotMatch', error.message);
  if (error instanceof MalformedRequest) return new SqsError('InvalidParameterValue', error.message);
  if (error instanceof DatabaseUnavailable) {
    return new SqsError('ServiceUnavailable', 'The database is temporarily unavailable. Please try again.', {
      cause: error,
    });
  }
  if (error instanceof DatabaseFull) {
    return new SqsError('ServiceUnavailable', 'The disk of the queue is full. Free space on its machine.', {
      cause: error,
    });
  }
  return undefined;
}

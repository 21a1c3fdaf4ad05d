import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { idleTimeoutMs, serverOptions } from '@spinbay/runtime';
import type { Cloud } from './cloud.ts';
import { createConnections, type SignatureKind } from './connections.ts';
import { type Reply, readWireRequest, sendReply } from './http.ts';
import { corsHeaders } from './s3/cors.ts';
import { S3Error } from './s3/errors.ts';
import { handleS3, toS3Error } from './s3/handle.ts';
import { splitPath, xmlHeaders } from './s3/request.ts';
import type { WireRequest } from './sigv4/canonical.ts';
import { SqsError } from './sqs/errors.ts';
import { handleSqs, isSqs, toSqsError } from './sqs/handle.ts';

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Accepts no more requests, waits up to `graceMs` for running ones and answers waiting receivers at once. */
  close(graceMs: number): Promise<void>;
}

/** The rest of a refused upload is read up to this size, so that its client can read the refusal. */
const maxDiscarded = 64 * 1024 * 1024;

export async function serve(cloud: Cloud, host: string, port: number): Promise<HttpServer> {
  // The time limit of an upload. `idleTimeoutMs` closes a stalled connection.
  const server = createServer({ ...serverOptions, requestTimeout: 60 * 60_000 });
  server.timeout = idleTimeoutMs;
  const connections = createConnections({ unsigned: 100, unsignedTotal: 400, presigned: 200 });
  server.on('connection', (socket) => connections.accept(socket));
  const answer = (incoming: IncomingMessage, response: ServerResponse) => {
    const { socket } = incoming;
    void handle(cloud, incoming, response, (kind) => connections.setSigned(socket, kind));
  };
  server.on('request', answer);
  // The body is requested only after headers and signature are verified.
  server.on('checkContinue', answer);
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EADDRINUSE') throw error;
    throw new Error(
      `Port ${port} on ${host} is in use by another program. Stop that program, or choose another port for the S3 and SQS server (SPINBAY_CLOUD_PORT).`,
      { cause: error },
    );
  });
  const address = server.address();
  const actualPort = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${actualPort}`,
    port: actualPort,
    close: async (graceMs) => {
      const closed = once(server, 'close');
      server.close();
      cloud.signals.drain();
      const idle = setInterval(() => server.closeIdleConnections(), 100);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
      clearTimeout(cut);
    },
  };
}

type OnSigned = (kind: SignatureKind) => void;

async function handle(
  cloud: Cloud,
  incoming: IncomingMessage,
  response: ServerResponse,
  onSigned: OnSigned,
): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-content-type-options', 'nosniff');
  let sqs = false;
  try {
    const wire = readWireRequest(incoming);
    sqs = isSqs(wire);
    const reply = sqs
      ? await answerSqs(cloud, wire, incoming, response, onSigned)
      : await answerS3(cloud, wire, incoming, response, requestId, onSigned);
    if (cloud.signals.draining) response.shouldKeepAlive = false;
    await sendReply(response, reply, wire.method !== 'HEAD');
  } catch (error) {
    if (response.headersSent || response.destroyed || incoming.errored) {
      response.destroy();
      return;
    }
    const reply = errorReply(cloud, error, incoming, requestId, sqs);
    await sendReply(response, reply, incoming.method !== 'HEAD').catch(() => response.destroy());
  }
  discardRest(incoming);
}

function answerSqs(
  cloud: Cloud,
  wire: WireRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
  onSigned: OnSigned,
): Promise<Reply> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const askForBody = bodyRequest(incoming, response);
  return handleSqs({ cloud, wire, incoming, askForBody, gone: gone.signal }, onSigned);
}

/**
 * @returns a function that tells a client that sent `Expect: 100-continue` to send the body. If it is not called for such a
 * client, the connection ends after the reply
 */
function bodyRequest(incoming: IncomingMessage, response: ServerResponse): () => void {
  let isAwaited = incoming.headers.expect !== undefined;
  if (isAwaited) response.setHeader('connection', 'close');
  return () => {
    if (!isAwaited) return;
    isAwaited = false;
    response.removeHeader('connection');
    response.writeContinue();
  };
}

async function answerS3(
  cloud: Cloud,
  wire: WireRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  onSigned: OnSigned,
): Promise<Reply> {
  const origin = wire.headers.get('origin')?.[0];
  if (wire.method === 'OPTIONS') return preflight(cloud, wire, origin);
  // Set first, so that a page can also read a refusal.
  if (origin !== undefined) {
    const bucket = cloud.buckets.get(safeBucketName(wire));
    const headers = corsHeaders(bucket, origin, wire.method, []);
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  }
  const askForBody = bodyRequest(incoming, response);
  return handleS3({ cloud, wire, incoming, askForBody, requestId }, onSigned);
}

function preflight(cloud: Cloud, wire: WireRequest, origin: string | undefined): Reply {
  const method = wire.headers.get('access-control-request-method')?.[0];
  if (origin === undefined || method === undefined) {
    throw new S3Error('InvalidRequest', 'Insufficient information. Origin request header needed.');
  }
  const wanted = (wire.headers.get('access-control-request-headers') ?? [])
    .flatMap((list) => list.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const headers = corsHeaders(cloud.buckets.get(safeBucketName(wire)), origin, method, wanted);
  if (!headers) {
    throw new S3Error(
      'AccessForbidden',
      'CORSResponse: This CORS request is not allowed. The bucket has no rule for this origin, method and these headers.',
    );
  }
  return { status: 200, headers, body: '' };
}

function safeBucketName(wire: WireRequest): string {
  try {
    return splitPath(wire.rawPath).bucket;
  } catch {
    return '';
  }
}

function errorReply(cloud: Cloud, error: unknown, incoming: IncomingMessage, requestId: string, sqs: boolean): Reply {
  const known = sqs ? toSqsError(error) : toS3Error(error);
  if (!known) cloud.log.error({ err: error, requestId, method: incoming.method }, 'a request failed');
  else if (known.status >= 500)
    cloud.log.warn({ err: known.cause ?? known, requestId, code: known.code }, 'a request was refused');
  if (sqs) {
    const shown =
      known instanceof SqsError
        ? known
        : new SqsError('InternalFailure', 'The request has failed for an unknown reason.');
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': shown.queryError };
    return { status: shown.status, headers, body: shown.toJson() };
  }
  const shown =
    known instanceof S3Error
      ? known
      : new S3Error('InternalError', 'We encountered an internal error. Please try again.');
  const resource = (incoming.url ?? '').split('?')[0] ?? '';
  return { status: shown.status, headers: xmlHeaders(), body: shown.toXml(resource, requestId) };
}

/** Reads the rest of a body, so that the connection can be reused and the client is not cut off while it sends. */
function discardRest(incoming: IncomingMessage): void {
  if (incoming.readableEnded || incoming.destroyed) return;
  let left = maxDiscarded;
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) incoming.destroy();
  });
  incoming.on('error', () => undefined);
  incoming.resume();
}

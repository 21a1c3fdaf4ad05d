import { type ErrorCode, errorTable, type Failure, fail, type Problem } from '@spinbay/contracts';
import { CallerRefused, StoreBusy, StoreUnavailable } from '@spinbay/core';
import { ObjectStoreUnavailable } from '@spinbay/objects';
import { QueueUnavailable } from '@spinbay/queue';
import { IssuerUnavailable } from '@spinbay/tokens';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** Sends a refusal as `application/problem+json`. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply {
  const { status, title } = errorTable[failure.failure];
  const problem: Problem = {
    type: `urn:spinbay:error:${failure.failure}`,
    title,
    status,
    code: failure.failure,
    ...(failure.detail === undefined ? {} : { detail: failure.detail }),
    ...(failure.errors === undefined ? {} : { errors: failure.errors }),
    ...(failure.organizations === undefined ? {} : { organizations: failure.organizations }),
    request_id: request.id,
  };
  // An invalid path is refused before any hook has set the header.
  void reply.header('x-request-id', request.id);
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply.code(status).type('application/problem+json').send(JSON.stringify(problem));
}

/**
 * Sends a refusal before the body has arrived. Node.js reads and discards a small body, so that the connection can be
 * reused. For any other body the connection is closed.
 * @param bodyLimit the largest body, in bytes, that counts as small
 */
export function sendUnread(
  request: FastifyRequest,
  reply: FastifyReply,
  failure: Failure,
  bodyLimit: number,
): FastifyReply {
  const { 'content-length': length, 'transfer-encoding': chunked } = request.headers;
  if (chunked !== undefined || Number(length ?? 0) > bodyLimit) void reply.header('connection', 'close');
  return sendProblem(request, reply, failure);
}

/** An error in one part of a request. */
export interface RequestFault {
  readonly where: 'params' | 'query' | 'body';
  readonly error: z.ZodError;
}

/** The maximum number of errors in a refusal. A longer list would not help. */
const maxErrors = 50;

/** Combines all errors from the contract's parsers into one refusal that lists their places. */
export function validationFailure(faults: readonly RequestFault[]): Failure<'validation_failed'> {
  const found = faults.flatMap(({ where, error }) =>
    error.issues.flatMap(issuesOfIntendedShape).map((issue) => ({ where, issue })),
  );
  const errors = found.slice(0, maxErrors).map(({ where, issue }) => ({
    path: [where, ...issue.path.map(String)].join('.').slice(0, 300),
    message: issue.message.slice(0, 300),
  }));
  const detail =
    found.length > maxErrors ? `${found.length} errors were found; the first ${maxErrors} are listed.` : undefined;
  return fail('validation_failed', detail, errors);
}

/**
 * If several shapes are possible (one event or a list), returns the errors for the intended shape: the one whose outermost
 * type matches.
 */
function issuesOfIntendedShape(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const intended = issue.errors.find(
    (faults) => !faults.some((fault) => fault.code === 'invalid_type' && fault.path.length === 0),
  );
  if (intended === undefined) return [issue];
  return intended.map((fault) => ({ ...fault, path: [...issue.path, ...fault.path] }));
}

/** The only place where thrown errors become refusals. The log has the cause of a 500 or 503, the reply does not. */
export function failureOf(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Failure {
  const code = codeOf(error);
  if (code === 'internal') request.log.error({ err: error }, 'unexpected error');
  else if (code === 'unavailable') request.log.warn({ err: error }, 'a dependency is not reachable');
  if (code === 'unavailable' || code === 'rate_limited') void reply.header('retry-after', '2');
  return fail(code, code === 'validation_failed' ? error.message : undefined);
}

function codeOf(error: FastifyError): ErrorCode {
  if (error instanceof CallerRefused) return 'unauthenticated';
  if (error instanceof StoreBusy) return error.scope === 'server' ? 'unavailable' : 'rate_limited';
  if (
    error instanceof StoreUnavailable ||
    error instanceof ObjectStoreUnavailable ||
    error instanceof QueueUnavailable ||
    error instanceof IssuerUnavailable
  )
    return 'unavailable';
  if (error.code === 'FST_ERR_BAD_URL' || error.code === 'FST_ERR_MAX_PARAM_LENGTH') return 'route_not_found';
  if (error.statusCode === 413) return 'body_too_large';
  if (error.statusCode === 415) return 'unsupported_media_type';
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return 'validation_failed';
  return 'internal';
}

import { type Failure, fail, maxOffset, type Route } from '@spinbay/contracts';
import type { Principal } from '@spinbay/tokens';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { countedAddress } from './caller-address.ts';
import type { RequestCounts } from './request-counts.ts';

/**
 * Counts something against a limit.
 * @returns null, or a refusal if the limit is exceeded. The headers of the reply then say how long to wait.
 */
type Limit = (
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal | null,
) => Promise<Failure<'rate_limited'> | null>;

export interface RouteLimits {
  /** Counts the request before its body is read, so that malformed requests count, too. */
  readonly countRequest: Limit;
  /** Counts the additional cost of a request: further entries of a batch, or rows that a large offset skips. */
  readonly countExtent: Limit;
}

/** Offsets beyond this are counted, because PostgreSQL reads all rows before the page. A cursor is fast on every page. */
const freeOffset = 1_000;
/** The number of rows, in thousands, that a caller may skip per minute. */
const skippedThousands = 1_000;

/** The limits of one route: requests per minute for each address, device or person. */
export function createRouteLimits(route: Route, counts: RequestCounts): RouteLimits {
  const { rateLimit } = route;
  if (rateLimit === undefined) return { countRequest: async () => null, countExtent: limitOffset(counts) };
  const { per, max, bucket = `${route.method} ${route.path}`, each } = rateLimit;
  const count = async (request: FastifyRequest, reply: FastifyReply, principal: Principal | null, points: number) => {
    const caller = per === 'ip' || principal === null ? addressOf(request) : callerOf(principal);
    const used = await counts.add(bucket, caller, points);
    void reply.headers({
      'ratelimit-limit': max,
      'ratelimit-remaining': Math.max(0, max - used.points),
      'ratelimit-reset': secondsLeft(used.msLeft),
    });
    if (used.points <= max) return null;
    void reply.header('retry-after', secondsLeft(used.msLeft));
    return fail('rate_limited');
  };
  return {
    countRequest: (request, reply, principal) => count(request, reply, principal, 1),
    countExtent: async (request, reply, principal) => {
      const entries = each === undefined ? 1 : lengthOf(request.body, each);
      // A batch above the limit is accepted once a minute.
      return entries <= 1 ? null : count(request, reply, principal, Math.min(entries, max) - 1);
    },
  };
}

function limitOffset(counts: RequestCounts): Limit {
  return async (request, reply, principal) => {
    const offset = Number((request.query as Record<string, unknown>).offset);
    // The contract refuses a larger offset, which then skips no rows.
    if (principal === null || !(offset > freeOffset && offset <= maxOffset)) return null;
    const { points, msLeft } = await counts.add('skipped rows', callerOf(principal), Math.ceil(offset / 1_000));
    if (points <= skippedThousands) return null;
    void reply.header('retry-after', secondsLeft(msLeft));
    return fail(
      'rate_limited',
      'Your requests with a large offset may skip at most a million rows per minute. Use a cursor instead of an offset.',
    );
  };
}

/**
 * Counts a refusal of a caller, or of an address if the caller is not authenticated.
 * @returns the given refusal, or `rate_limited` if the caller or the address has had too many
 */
export type RefusalLimit = (
  request: FastifyRequest,
  reply: FastifyReply,
  failure: Failure,
  principal?: Principal,
) => Promise<Failure>;

/**
 * The limit of refusals: bad tokens, malformed requests and unknown paths of unauthenticated callers, and routes that a
 * caller's role may not use. Refusals of an address do not affect callers with a valid token at the same address.
 * @param max refusals per minute, for each address and for each caller
 */
export function createRefusalLimit(counts: RequestCounts, max: number): RefusalLimit {
  return async (request, reply, failure, principal) => {
    const caller = principal === undefined ? addressOf(request) : callerOf(principal);
    const { points, msLeft } = await counts.add('refusals', caller, 1);
    if (points <= max) return failure;
    void reply.header('retry-after', secondsLeft(msLeft));
    return fail('rate_limited');
  };
}

/** Counts a request of an address against a separate limit. @returns false if the limit is exceeded */
export async function isAddressWithin(
  request: FastifyRequest,
  reply: FastifyReply,
  counts: RequestCounts,
  { bucket, max }: { bucket: string; max: number },
): Promise<boolean> {
  const { points, msLeft } = await counts.add(bucket, addressOf(request), 1);
  if (points <= max) return true;
  void reply.header('retry-after', secondsLeft(msLeft));
  return false;
}

/** The number of entries of a body. The body is not validated yet, because malformed requests count, too. */
function lengthOf(body: unknown, field: string): number {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const list = Array.isArray(body) ? body : fields[field];
  return Array.isArray(list) ? list.length : 1;
}

/**
 * The key by which a caller is counted. Includes the organization: a device generates its own id, so it could choose the id
 * of a device in another organization, and use up the limits of that device.
 */
export function callerOf(principal: Principal): string {
  return `${principal.orgId}:${principal.type}:${principal.id}`;
}

function secondsLeft(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

export function addressOf(request: FastifyRequest): string {
  const peer = request.socket.remoteAddress ?? '';
  // `request.ip` is the entry of a trusted proxy, which may not be an address.
  return countedAddress(request.ip) ?? countedAddress(peer) ?? peer;
}

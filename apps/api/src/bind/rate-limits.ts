import type { Route } from '@spinbay/contracts';
import type { Principal } from '@spinbay/tokens';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { countedAddress } from './caller-address.ts';
import type { RequestCounts } from './request-counts.ts';

/** Counts a request against its route's limit. @returns false when it is one too many; the headers say how long to wait */
export type RateLimiter = (
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal | null,
) => Promise<boolean>;

/** The limiter of one route: requests a minute for each address, device or person. */
export function createRateLimiter(route: Route, counts: RequestCounts): RateLimiter {
  if (route.rateLimit === undefined) return async () => true;
  const { per, max, bucket = `${route.method} ${route.path}`, each } = route.rateLimit;
  return async (request, reply, principal) => {
    const caller = per === 'ip' || principal === null ? addressOf(request) : `${principal.type}:${principal.id}`;
    const wanted = each === undefined ? 1 : lengthOf(request.body, each);
    // Nobody is refused for ever, and nothing is counted beyond what makes a difference.
    const { points, msLeft } = await counts.add(bucket, caller, Math.min(Math.max(wanted, 1), max));
    const wait = Math.max(1, Math.ceil(msLeft / 1000));
    void reply.headers({
      'ratelimit-limit': max,
      'ratelimit-remaining': Math.max(0, max - points),
      'ratelimit-reset': wait,
    });
    if (points <= max) return true;
    void reply.header('retry-after', wait);
    return false;
  };
}

/** Of the body as it came: also a request that will turn out malformed is counted. */
function lengthOf(body: unknown, field: string): number {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const list = Array.isArray(body) ? body : fields[field];
  return Array.isArray(list) ? list.length : 1;
}

function addressOf(request: FastifyRequest): string {
  const peer = request.socket.remoteAddress ?? '';
  // What a trusted proxy wrote, where that is an address.
  return countedAddress(request.ip) ?? countedAddress(peer) ?? peer;
}

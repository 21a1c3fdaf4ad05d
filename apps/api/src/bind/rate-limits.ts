import type { Route } from '@spinbay/contracts';
import type { Principal } from '@spinbay/tokens';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts a request against its route's limit. @returns false when it is one too many; the headers say how long to wait */
export type RateLimiter = (
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal | null,
) => Promise<boolean>;

/** The limiter of one route: requests a minute for each address, device or person, kept in this process's memory. */
export function createRateLimiter(route: Route): RateLimiter {
  if (route.rateLimit === undefined) return async () => true;
  const { per, max } = route.rateLimit;
  const limiter = new RateLimiterMemory({ points: max, duration: 60, keyPrefix: `${route.method} ${route.path}` });
  return async (request, reply, principal) => {
    const key = per === 'ip' || principal === null ? request.ip : `${principal.type}:${principal.id}`;
    const outcome = await limiter.consume(key).catch((refused: unknown) => {
      if (refused instanceof RateLimiterRes) return refused;
      throw refused;
    });
    const wait = Math.ceil(outcome.msBeforeNext / 1000);
    void reply.headers({
      'ratelimit-limit': max,
      'ratelimit-remaining': Math.max(0, outcome.remainingPoints),
      'ratelimit-reset': wait,
    });
    if (outcome.consumedPoints <= max) return true;
    void reply.header('retry-after', wait);
    return false;
  };
}

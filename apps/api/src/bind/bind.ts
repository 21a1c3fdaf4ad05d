import { bodyLimits, fail, isFailure, type Route, type RouteName, routes } from '@spinbay/contracts';
import type { Principal } from '@spinbay/tokens';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { auditRefusal, authenticate, isAllowed } from './authenticate.ts';
import type { Deps, Handler, Handlers } from './handler.ts';
import { type RequestFault, sendProblem, sendUnread, validationFailure } from './problem.ts';
import { createRouteLimits, type RefusalLimit } from './rate-limits.ts';
import type { RequestCounts } from './request-counts.ts';
import { sendReply } from './send-reply.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; null on public routes and before authentication. */
    principal: Principal | null;
  }
}

/** Counts requests for the rate limits, and limits refusals. */
export interface Limits {
  readonly counts: RequestCounts;
  readonly limitRefusal: RefusalLimit;
}

/** Registers every route of the contracts with its handler. */
export function bindRoutes(app: FastifyInstance, handlers: Handlers, deps: Deps, limits: Limits): void {
  app.decorateRequest('principal', null);
  for (const name of Object.keys(routes) as RouteName[]) {
    // Route and handler have the same key. The compiler cannot see this in a loop.
    bindRoute(app, name, handlers[name] as unknown as Handler<Route>, deps, limits);
  }
}

/** The steps of a request, in order. */
function bindRoute(
  app: FastifyInstance,
  name: RouteName,
  handler: Handler<Route>,
  deps: Deps,
  { counts, limitRefusal }: Limits,
): void {
  const route: Route = routes[name];
  const { countRequest, countExtent } = createRouteLimits(route, counts);
  const bodyLimit = bodyLimits[route.bodyLimit ?? 'standard'];
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit,

    // 1. Token, limits and role, before a byte of the body is read.
    onRequest: async (request, reply) => {
      if (route.access !== 'public') {
        const principal = await authenticate(request, deps.tokens);
        if (principal === null) {
          const refusal = await limitRefusal(request, reply, fail('unauthenticated'));
          return sendUnread(request, reply, refusal, bodyLimit);
        }
        request.principal = principal;
      }
      const { principal } = request;
      const refusal = await countRequest(request, reply, principal);
      if (refusal !== null) return sendUnread(request, reply, refusal, bodyLimit);
      if (principal === null || isAllowed(route, principal)) return;
      // Limited before the audit log, because recording a refusal costs a transaction.
      const forbidden = await limitRefusal(request, reply, fail('forbidden'), principal);
      if (forbidden.failure === 'forbidden') await auditRefusal(name, principal, request, deps.store);
      return sendUnread(request, reply, forbidden, bodyLimit);
    },

    // 2. Fastify reads the body, within the route's limit, and parses its JSON.
    // 3. The rest of the limits, the contract's parsers, the handler, the reply.
    handler: async (request, reply) => {
      const { principal } = request;
      const refusal = await countExtent(request, reply, principal);
      if (refusal !== null) return sendProblem(request, reply, refusal);
      const parsed = parseRequest(route, request);
      if (isFailure(parsed)) return sendProblem(request, reply, parsed);
      const answer = await handler(
        // The access of the contract decides whether there is a principal and of which kind. This was checked above.
        {
          ...parsed,
          principal: principal as never,
          org: (principal === null
            ? null
            : deps.store.forCaller(principal, { statementMs: statementMs(route) })) as never,
          ifNoneMatch: request.headers['if-none-match'],
          browser: request.headers.origin !== undefined,
          log: request.log as never,
        },
        deps,
      );
      if (isFailure(answer)) return sendProblem(request, reply, answer);
      return sendReply(route, request, reply, answer);
    },
  });
}

/** How long a statement of a request may run. Reads get less time, because a client can safely repeat them. */
function statementMs(route: Route): number {
  return route.method === 'GET' ? 5_000 : 10_000;
}

function parseRequest(route: Route, request: FastifyRequest) {
  const parsed: Record<string, unknown> = {};
  const faults: RequestFault[] = [];
  for (const where of ['params', 'query', 'body'] as const) {
    const result = route[where]?.safeParse(request[where]);
    if (result?.success === false) faults.push({ where, error: result.error });
    else parsed[where] = result?.data;
  }
  if (faults.length > 0) return validationFailure(faults);
  return parsed as { params: undefined; query: undefined; body: undefined };
}

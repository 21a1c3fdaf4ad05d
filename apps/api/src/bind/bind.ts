import { fail, isFailure, type Reply, type Route, type RouteName, routes } from '@spinbay/contracts';
import { recordRefusal, type Store } from '@spinbay/core';
import type { Principal, Tokens } from '@spinbay/tokens';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Handler, Handlers, Parts } from './handler.ts';
import { type RequestFault, sendProblem, validationFailure } from './problem.ts';
import { createRateLimiter, type RateLimiter } from './rate-limits.ts';
import type { RequestCounts } from './request-counts.ts';

/** Registers every route of the contracts with its handler. */
export function bindRoutes(app: FastifyInstance, handlers: Handlers, parts: Parts, counts: RequestCounts): void {
  for (const name of Object.keys(routes) as RouteName[]) {
    // The key pairs route and handler; the compiler cannot follow that through a loop.
    bindRoute(app, name, handlers[name] as unknown as Handler<Route>, parts, createRateLimiter(routes[name], counts));
  }
}

/**
 * The way of a request: token to principal, role, rate limit, parse, handler, reply parsed by the contract (which drops
 * what it does not declare), sent.
 */
function bindRoute(
  app: FastifyInstance,
  name: RouteName,
  handler: Handler<Route>,
  parts: Parts,
  withinLimit: RateLimiter,
): void {
  const route: Route = routes[name];
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      let principal: Principal | null = null;
      if (route.access !== 'public') {
        principal = await principalOf(request, parts.tokens);
        if (principal === null) return sendProblem(request, reply, fail('unauthenticated'));
        if (!route.access.includes(principal.role)) {
          await noteRefusal(name, principal, request, parts.store);
          return sendProblem(request, reply, fail('forbidden'));
        }
      }
      if (!(await withinLimit(request, reply, principal))) return sendProblem(request, reply, fail('rate_limited'));
      const parsed = parseRequest(route, request);
      if (isFailure(parsed)) return sendProblem(request, reply, parsed);
      const answer = await handler(
        // The contract's access decides whether there is a principal, and of which kind: checked above.
        {
          ...parsed,
          principal: principal as never,
          org: (principal === null ? null : parts.store.forCaller(principal)) as never,
          ifNoneMatch: request.headers['if-none-match'],
          log: request.log as never,
        },
        parts,
      );
      if (isFailure(answer)) return sendProblem(request, reply, answer);
      return sendReply(route, reply, answer);
    },
  });
}

/** Tells the audit log who asked for what is not theirs; the refusal stands also where that cannot be written. */
async function noteRefusal(
  name: RouteName,
  principal: Principal,
  request: FastifyRequest,
  store: Store,
): Promise<void> {
  const { type, id, orgId, role } = principal;
  const event = {
    entityType: type,
    entityId: id,
    type: 'request.refused',
    meta: { route: name, role },
    actor: principal,
  };
  await store
    .forOrg(orgId, 'all')
    .transact((tx) => recordRefusal(tx, event))
    .catch((error: unknown) => request.log.warn({ err: error }, 'a refusal is not in the audit log'));
}

async function principalOf(request: FastifyRequest, tokens: Tokens): Promise<Principal | null> {
  // Of two headers Node.js gives the first, and a proxy before us may have looked at the other one.
  const [header = '', ...more] = request.raw.headersDistinct.authorization ?? [];
  const token = more.length === 0 ? /^Bearer ([\w.~+/=-]+)$/i.exec(header)?.[1] : undefined;
  return token === undefined ? null : tokens.verify(token);
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

function sendReply(route: Route, reply: FastifyReply, answer: Reply<Route>): FastifyReply {
  // Tokens and a tenant's data: nothing for a cache, unless a handler says otherwise.
  void reply.code(answer.status).headers({ 'cache-control': 'no-store', ...answer.headers });
  const schema = route.replies[answer.status];
  if (schema === null) return reply.send();
  if (schema === undefined) throw new Error(`${route.method} ${route.path} declares no reply ${answer.status}`);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(schema.parse(answer.body)));
}

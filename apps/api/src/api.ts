import { randomUUID } from 'node:crypto';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { errorTable, fail } from '@spinbay/contracts';
import { type Logger, limitConnections, serverOptions } from '@spinbay/runtime';
import { cacheTokens, maxTokenLength } from '@spinbay/tokens';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { bindRoutes } from './bind/bind.ts';
import type { Deps } from './bind/handler.ts';
import { failureOf, sendProblem } from './bind/problem.ts';
import { createRefusalLimit } from './bind/rate-limits.ts';
import { RenderedBodies } from './bind/rendered-bodies.ts';
import { slowRefusals } from './bind/slow-refusals.ts';
import { closeConnectionsWhileDraining } from './close-connections.ts';
import { handlers } from './features/handlers.ts';
import { createShowTrace } from './features/images/show-trace.ts';
import { type OperationsOptions, registerOperations } from './features/operations/operations.ts';

export interface ApiOptions extends OperationsOptions {
  readonly log: Logger;
  /** Origins whose pages may call the API. */
  readonly origins: readonly string[];
  /** Address of the capture app, which enrolment QR codes open. */
  readonly captureUrl?: string | undefined;
  /** Addresses and networks whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies: readonly string[];
  /** Refusals per minute before 429: for each address without a valid token, and for each caller whose role is refused. */
  readonly refusalsPerMinute: number;
}

/** Builds the HTTP server. The caller calls `listen`. */
export async function buildApi(
  given: Omit<Deps, 'publicUrl' | 'captureUrl' | 'galleries' | 'showTrace'>,
  options: ApiOptions,
): Promise<FastifyInstance> {
  const { publicUrl, captureUrl } = options;
  const deps: Deps = {
    ...given,
    publicUrl,
    captureUrl,
    galleries: new RenderedBodies(),
    showTrace: createShowTrace(given.tracing),
  };
  const limitRefusal = createRefusalLimit(options.counts, options.refusalsPerMinute);
  const onError = async (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const failure = failureOf(error, request, reply);
    const isAnonymous = !request.principal || failure.failure === 'unauthenticated';
    const isClientError = errorTable[failure.failure].status < 500;
    return sendProblem(
      request,
      reply,
      isAnonymous && isClientError ? await limitRefusal(request, reply, failure) : failure,
    );
  };
  const app = Fastify({
    loggerInstance: options.log,
    // Fastify would log two lines for every request. The hook below logs one: server errors as errors, all others as debug.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    requestTimeout: serverOptions.requestTimeout,
    keepAliveTimeout: serverOptions.keepAliveTimeout,
    trustProxy: options.trustedProxies.length > 0 && [...options.trustedProxies],
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    // Malformed and overlong paths, which are refused before a route is found.
    frameworkErrors: (error, request, reply) => void onError(error, request, reply),
    // While the server drains, requests on open connections are still answered.
    return503OnClosing: false,
    // The longest token, and as much again for all other headers.
    http: { ...serverOptions, maxHeaderSize: 2 * maxTokenLength },
  }) as unknown as FastifyInstance;
  // Many browsers of one office may share an address.
  limitConnections(app.server, { perAddress: 500, trustedProxies: options.trustedProxies });
  // Bodies must be JSON. An empty body counts as no body.
  app.removeContentTypeParser(['text/plain', 'application/json']);
  // Keys that could set a prototype are dropped, like other unknown keys. Refusing the body would refuse a whole batch.
  const parseJson = app.getDefaultJsonParser('remove', 'remove');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parseJson(request, body as string, done);
  });
  app.setErrorHandler(onError);
  app.setNotFoundHandler(async (request, reply) =>
    sendProblem(request, reply, await limitRefusal(request, reply, fail('route_not_found'))),
  );
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  closeConnectionsWhileDraining(app);
  slowRefusals(app);
  app.addHook('onResponse', async (request, reply) => {
    const line = {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    if (reply.statusCode >= 500) request.log.error(line, 'request');
    else request.log.debug(line, 'request');
  });
  await app.register(helmet, {
    global: true,
    contentSecurityPolicy: { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  });
  await app.register(cors, {
    origin: [...options.origins],
    methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'if-none-match'],
    exposedHeaders: [
      // The portal computes ages with it, because the clock of a device may be hours off.
      'date',
      'etag',
      'retry-after',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
      'x-request-id',
    ],
    maxAge: 3600,
  });
  await registerOperations(app, deps, options);
  bindRoutes(app, handlers, { ...deps, tokens: cacheTokens(deps.tokens) }, { counts: options.counts, limitRefusal });
  return app;
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { openApiDocument, routes } from '@spinbay/contracts';
import type { Queue } from '@spinbay/queue';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { JWK } from 'jose';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Parts } from '../../bind/handler.ts';
import { registerDocs } from './docs.ts';
import { checkReadiness } from './readiness.ts';

export interface OperationsOptions {
  readonly publicUrl: string;
  readonly version: string;
  readonly publicKeys: { keys: JWK[] };
  readonly metricsToken: string | undefined;
  readonly queue: Queue;
}

/** What operators and other machines ask of a server: health, readiness, metrics, keys and the OpenAPI document. */
export async function registerOperations(
  app: FastifyInstance,
  parts: Parts,
  options: OperationsOptions,
): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (request, reply) => {
    const checks = await checkReadiness(parts, options.queue, request.log);
    const ready = Object.values(checks).every((check) => check === 'ok');
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', checks });
  });
  app.get('/.well-known/jwks.json', async (_, reply) =>
    reply
      .header('cache-control', 'public, max-age=300')
      .type('application/jwk-set+json')
      .send(JSON.stringify(options.publicKeys)),
  );
  const document = openApiDocument(routes, { version: options.version, serverUrl: options.publicUrl });
  app.get('/openapi.json', async () => document);
  await registerDocs(app, document);
  registerMetrics(app, options.metricsToken);
}

function registerMetrics(app: FastifyInstance, token: string | undefined): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'spinbay_http_request_seconds',
    help: 'Time to answer, by route as declared',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, token)) return reply.callNotFound();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

/** From this machine itself, or with the token. A forwarded request is not from this machine, whoever connects. */
function mayReadMetrics(request: FastifyRequest, token: string | undefined): boolean {
  if (token !== undefined && isEqual(request.headers.authorization ?? '', `Bearer ${token}`)) return true;
  const forwarded = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  return !forwarded && ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '');
}

/** In a time that does not tell how much of it is right. */
function isEqual(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

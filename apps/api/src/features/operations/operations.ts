import { createHash } from 'node:crypto';
import { fail, openApiDocument, routes } from '@spinbay/contracts';
import { mayReadMetrics } from '@spinbay/runtime';
import type { SigningKeys } from '@spinbay/tokens';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Deps } from '../../bind/handler.ts';
import { sendProblem } from '../../bind/problem.ts';
import { isAddressWithin } from '../../bind/rate-limits.ts';
import type { RequestCounts } from '../../bind/request-counts.ts';
import { registerDocs } from './docs.ts';
import { createReadinessCheck } from './readiness.ts';

export interface OperationsOptions {
  readonly publicUrl: string;
  readonly version: string;
  readonly signingKeys: SigningKeys;
  readonly metricsToken: string | undefined;
  readonly counts: RequestCounts;
}

/** Requests per minute and address. Enough for twelve load balancers behind one address that check every six seconds. */
const readinessPerMinute = 120;

/** Routes for operators and other machines: health, readiness, metrics, keys and the OpenAPI document. */
export async function registerOperations(app: FastifyInstance, deps: Deps, options: OperationsOptions): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }));
  const checkReadiness = createReadinessCheck(deps, app.log);
  app.get('/readyz', async (request, reply) => {
    if (!(await isAddressWithin(request, reply, options.counts, { bucket: 'GET /readyz', max: readinessPerMinute })))
      return sendProblem(request, reply, fail('rate_limited'));
    const database = await checkReadiness();
    return reply.code(database === 'ok' ? 200 : 503).send({ status: database, checks: { database } });
  });
  app.get('/.well-known/jwks.json', async (request, reply) => {
    const keys = JSON.stringify(options.signingKeys.publicKeys());
    const etag = `"${createHash('sha256').update(keys).digest('base64url').slice(0, 22)}"`;
    void reply.headers({ 'cache-control': 'public, max-age=300', etag });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('application/jwk-set+json').send(keys);
  });
  const document = openApiDocument(routes, { version: options.version, serverUrl: options.publicUrl });
  app.get('/openapi.json', async () => document);
  await registerDocs(app, document, new URL(options.publicUrl).pathname);
  registerMetrics(app, options);
}

function registerMetrics(app: FastifyInstance, { metricsToken: token, counts }: OperationsOptions): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'spinbay_http_request_seconds',
    help: 'Time to answer, by route as declared',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  if (counts.redis() !== null) countFallbacks(registry, counts);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request.raw, token)) return reply.callNotFound();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

/** Metrics of the Redis for rate limits. */
function countFallbacks(registry: Registry, counts: RequestCounts): void {
  const registers = [registry];
  new Gauge({
    name: 'spinbay_redis_reachable',
    help: '1 while rate limits are counted in Redis, 0 while this instance counts alone',
    registers,
    collect() {
      this.set(counts.redis()?.reachable ? 1 : 0);
    },
  });
  new Counter({
    name: 'spinbay_rate_limit_fallbacks_total',
    help: 'Requests counted in memory because Redis could not be used',
    registers,
    collect() {
      this.reset();
      this.inc(counts.redis()?.fallbacks ?? 0);
    },
  });
}

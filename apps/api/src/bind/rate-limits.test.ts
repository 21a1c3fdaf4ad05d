import type { AddressInfo } from 'node:net';
import { defineRoute, type Route } from '@spinbay/contracts';
import { createLogger } from '@spinbay/runtime';
import type { Principal } from '@spinbay/tokens';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { prepareTestRedis, type TestRedis } from '../test-redis.ts';
import { startTestApi, type TestApi } from '../testing.ts';
import { createRouteLimits } from './rate-limits.ts';
import { createMemoryCounts } from './request-counts.ts';
import { createSharedCounts, type SharedCounts } from './shared-counts.ts';

/** Sends an empty enrolment, which is counted and refused, and changes nothing. */
const enrol = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/auth/device`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  });
const remaining = (reply: Response) => Number(reply.headers.get('ratelimit-remaining'));

describe('the API', () => {
  let api: TestApi;
  let redis: TestRedis;
  let shared: SharedCounts[];
  beforeAll(async () => {
    [api, redis] = await Promise.all([startTestApi(), prepareTestRedis()]);
    await redis.start();
  });
  afterAll(async () => {
    await api?.stop();
    await redis?.stop();
  });
  afterEach(() => {
    for (const counts of shared ?? []) counts.close();
  });

  async function instances(number: number) {
    const log = createLogger({ name: 'test', level: 'silent' });
    shared = await Promise.all(Array.from({ length: number }, () => createSharedCounts(redis.url, log)));
    return Promise.all(shared.map((counts) => api.another({ counts })));
  }

  test('two instances that share a Redis serve 100 requests together, and each of them refuses the next one', async () => {
    const [one, two] = await instances(2);
    const urls = [one?.url ?? '', two?.url ?? ''];
    const replies = await Promise.all(Array.from({ length: 100 }, (_, k) => enrol(urls[k % 2] ?? '')));
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([400]));
    // Each reply reports a different number of remaining requests.
    expect(new Set(replies.map(remaining)).size).toBe(100);
    for (const url of urls) {
      const over = await enrol(url);
      expect(over.status).toBe(429);
      expect(await over.json()).toMatchObject({ status: 429, code: 'rate_limited' });
      const wait = Number(over.headers.get('retry-after'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
      expect(over.headers.get('ratelimit-limit')).toBe('100');
      expect(over.headers.get('ratelimit-remaining')).toBe('0');
      expect(over.headers.get('ratelimit-reset')).toBe(String(wait));
    }
  });

  test('requests are served while Redis goes down and up, and /metrics shows it', async () => {
    const [instance] = await instances(1);
    const url = instance?.url ?? '';
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    expect(await metrics()).toMatch(/^spinbay_redis_reachable 1$/m);
    expect(await metrics()).toContain('spinbay_rate_limit_fallbacks_total 0');
    await redis.kill();
    const replies = await Promise.all(Array.from({ length: 30 }, () => enrol(url)));
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([400]));
    // The count in its own memory starts at zero.
    expect(Math.min(...replies.map(remaining))).toBe(70);
    expect(await metrics()).toContain('spinbay_redis_reachable 0');
    expect(await metrics()).toContain('spinbay_rate_limit_fallbacks_total 30');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await redis.start();
    await expect.poll(metrics, { timeout: 10_000 }).toMatch(/^spinbay_redis_reachable 1$/m);
    expect(remaining(await enrol(url))).toBe(99);
  });

  test('without Redis /metrics does not mention it', async () => {
    const { url } = await api.another();
    expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ checks: { database: 'ok' } });
    expect(await (await fetch(`${url}/metrics`)).text()).not.toContain('redis');
  });

  describe('the counted address', () => {
    const from = (address: string) => ({ 'x-forwarded-for': address });

    test('each address that a trusted load balancer reports is counted separately', async () => {
      const { url } = await api.another({ trustedProxies: ['127.0.0.0/8'] });
      expect(remaining(await enrol(url, from('198.51.100.1')))).toBe(99);
      expect(remaining(await enrol(url, from('198.51.100.1')))).toBe(98);
      expect(remaining(await enrol(url, from('198.51.100.2')))).toBe(99);
      // Earlier entries from the caller are not trusted.
      expect(remaining(await enrol(url, from('203.0.113.9, 198.51.100.1')))).toBe(97);
      // Through two trusted load balancers.
      expect(remaining(await enrol(url, from('198.51.100.1, 127.0.0.9')))).toBe(96);
      // One customer's IPv6 network is one caller, and IPv4-mapped IPv6 is IPv4.
      expect(remaining(await enrol(url, from('2001:db8:1:2::1')))).toBe(99);
      expect(remaining(await enrol(url, from('2001:db8:1:2:ffff::')))).toBe(98);
      expect(remaining(await enrol(url, from('2001:db8:1:3::1')))).toBe(99);
      expect(remaining(await enrol(url, from('::ffff:198.51.100.2')))).toBe(98);
      // Not an address: the address of the connection counts.
      expect(remaining(await enrol(url, from('unknown')))).toBe(99);
      expect(remaining(await enrol(url))).toBe(98);
    });

    test.each<[string, string[]]>([
      ['no proxy is trusted', []],
      ['another load balancer is trusted', ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']],
    ])('a forged header changes nothing: %s', async (_, trustedProxies) => {
      const { url } = await api.another({ trustedProxies });
      const left: number[] = [];
      for (const address of ['198.51.100.1', '198.51.100.2', '10.0.0.1', '127.0.0.1, 10.0.0.1', '::1'])
        left.push(remaining(await enrol(url, { ...from(address), forwarded: `for=${address}`, 'x-real-ip': address })));
      expect(left).toEqual([99, 98, 97, 96, 95]);
    });
  });
});

describe('the limits of a contract', () => {
  let app: FastifyInstance;
  afterEach(() => app?.close());

  /** The device that a test names as `organization/device`. */
  function deviceOf({ headers }: FastifyRequest): Principal | null {
    const [orgId, id] = headers['x-device']?.toString().split('/') ?? [];
    return orgId === undefined || id === undefined ? null : ({ type: 'device', orgId, id } as Principal);
  }

  /** Serves routes that only count. */
  async function serve(...routes: Route[]): Promise<string> {
    app = Fastify();
    const counts = createMemoryCounts();
    for (const route of routes) {
      const { countRequest, countExtent } = createRouteLimits(route, counts);
      app.route({
        method: route.method,
        url: route.path,
        handler: async (request, reply) => {
          const by = deviceOf(request);
          const refusal = (await countRequest(request, reply, by)) ?? (await countExtent(request, reply, by));
          return reply.code(refusal === null ? 204 : 429).send();
        },
      });
    }
    await app.listen({ host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  }
  const frames = (number: number) => ({ frames: Array.from({ length: number }, () => 0) });
  async function post(url: string, body: unknown, device?: string): Promise<[status: number, remaining: number]> {
    const headers = { 'content-type': 'application/json', ...(device === undefined ? {} : { 'x-device': device }) };
    const reply = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return [reply.status, remaining(reply)];
  }
  const route = (path: string, rateLimit?: Route['rateLimit']) =>
    defineRoute({
      method: 'POST',
      path,
      summary: 'counts',
      access: 'public',
      ...(rateLimit && { rateLimit }),
      body: z.unknown(),
      replies: { 204: null },
      errors: [],
    });

  test('devices of two organizations with the same id are counted separately', async () => {
    const url = await serve(route('/one', { per: 'device', max: 50 }));
    expect(await post(`${url}/one`, {}, 'ours/device')).toEqual([204, 49]);
    expect(await post(`${url}/one`, {}, 'theirs/device')).toEqual([204, 49]);
    expect(await post(`${url}/one`, {}, 'ours/device')).toEqual([204, 48]);
  });

  test('routes of one bucket are counted together, and a batch counts once per entry', async () => {
    const url = await serve(
      route('/one', { per: 'device', max: 50, bucket: 'presign' }),
      route('/batch', { per: 'device', max: 50, bucket: 'presign', each: 'frames' }),
      route('/other', { per: 'device', max: 50 }),
    );
    expect(await post(`${url}/one`, {})).toEqual([204, 49]);
    expect(await post(`${url}/batch`, frames(24))).toEqual([204, 25]);
    expect(await post(`${url}/batch`, frames(24))).toEqual([204, 1]);
    expect(await post(`${url}/other`, {})).toEqual([204, 49]);
    expect(await post(`${url}/batch`, frames(2))).toEqual([429, 0]);
    expect(await post(`${url}/one`, {})).toEqual([429, 0]);
  });

  test('a request counts at least once, even with a malformed list', async () => {
    const url = await serve(route('/batch', { per: 'ip', max: 50, each: 'frames' }));
    const bodies = [
      null,
      [],
      1,
      'text',
      {},
      { frames: null },
      { frames: { length: 40 } },
      { frames: 'abc' },
      frames(0),
    ];
    const left: number[] = [];
    for (const body of bodies) left.push((await post(`${url}/batch`, body))[1]);
    expect(left).toEqual([49, 48, 47, 46, 45, 44, 43, 42, 41]);
  });

  test('a batch above the limit is accepted once a minute', async () => {
    const url = await serve(route('/batch', { per: 'ip', max: 50, each: 'frames' }));
    expect(await post(`${url}/batch`, frames(60))).toEqual([204, 0]);
    expect((await post(`${url}/batch`, frames(1)))[0]).toBe(429);
  });

  test('a route without a limit sends no rate limit headers', async () => {
    const url = await serve(route('/free'));
    const reply = await fetch(`${url}/free`, { method: 'POST' });
    expect([reply.status, reply.headers.get('ratelimit-limit')]).toEqual([204, null]);
  });
});

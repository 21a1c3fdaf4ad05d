import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { slowRefusals } from './slow-refusals.ts';

let app: FastifyInstance;
let url: string;
let endDelays: () => void;
let answered: number;
afterEach(() => app?.close());

async function start(options: { perSecond: number; maxWaiting: number }): Promise<void> {
  const delays = new Promise<void>((resolve) => {
    endDelays = resolve;
  });
  answered = 0;
  app = Fastify();
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request) => {
    const id = request.headers.authorization;
    if (id !== undefined) request.principal = { type: 'user', id } as never;
  });
  slowRefusals(app, { ...options, delay: () => delays });
  app.get('/refused', (_, reply) => reply.code(429).send('too much'));
  app.get('/good', () => 'good');
  url = await app.listen({ host: '127.0.0.1', port: 0 });
}

async function refusal(caller: string): Promise<string> {
  const reply = await fetch(`${url}/refused`, { headers: { authorization: caller } });
  answered += 1;
  return `${reply.status} ${await reply.text()}`;
}

test('refusals of a caller above the limit per second are delayed; refusals of other callers, and successful replies, are not', async () => {
  await start({ perSecond: 5, maxWaiting: 100 });
  const flood = Array.from({ length: 100 }, () => refusal('loud'));
  await expect.poll(() => answered).toBeGreaterThanOrEqual(5);
  expect(await refusal('quiet')).toBe('429 too much');
  expect(await (await fetch(`${url}/good`, { headers: { authorization: 'loud' } })).text()).toBe('good');
  // The flood may last longer than a second on a busy machine.
  expect(answered).toBeLessThan(100);
  endDelays();
  expect(new Set(await Promise.all(flood))).toEqual(new Set(['429 too much']));
});

test('the number of waiting replies is bounded', async () => {
  await start({ perSecond: 0, maxWaiting: 4 });
  const flood = Array.from({ length: 20 }, () => refusal('loud'));
  await expect.poll(() => answered).toBe(16);
  endDelays();
  await Promise.all(flood);
  expect(answered).toBe(20);
});

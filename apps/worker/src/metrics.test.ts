import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { type Operations, serveOperations } from './serve-operations.ts';
import { eventually, quiet, startTestStack, type TestStack } from './testing.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.purge();
});
afterAll(() => stack?.stop());

/** Parses the metrics into values by series. */
async function read(server: Operations): Promise<Map<string, number>> {
  const reply = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect(reply.status).toBe(200);
  const lines = (await reply.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
}

test('reports backlog, age and outcome of messages, and the other metrics while the queue is down', async () => {
  const metrics = createMetrics(stack.queue, quiet);
  const server = await serveOperations({
    host: '127.0.0.1',
    port: 0,
    metrics: metrics.registry,
    metricsToken: undefined,
  });
  try {
    expect(await (await fetch(`http://127.0.0.1:${server.port}/healthz`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`http://127.0.0.1:${server.port}/else`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: 'POST' })).status).toBe(404);

    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    for (const body of ['slow', 'waits']) await stack.queue.send(body);
    await sleep(300);
    stack.work({
      slots: 1,
      work: metrics.watch(async ({ body }) => {
        if (body === 'poison') throw new Error('of the test');
        await opened;
      }),
    });
    const busy = await eventually(async () => {
      const figures = await read(server);
      const [inWork, waiting] = ['spinbay_worker_messages_in_work', 'spinbay_queue_messages{state="visible"}'];
      return figures.get(inWork) === 1 && figures.get(waiting) === 1 && figures;
    });
    expect(busy.get('spinbay_queue_messages{state="in_flight"}')).toBe(1);
    expect(busy.get('spinbay_queue_messages{state="dead"}')).toBe(0);
    expect(busy.get('spinbay_worker_oldest_message_seconds')).toBeGreaterThan(0.2);
    await stack.queue.send('poison');
    open();
    await eventually(async () => (await read(server)).get('spinbay_queue_messages{state="dead"}') === 1);
    // The metrics of one reply are not a snapshot: the depth of the queue is read after the others.
    const idle = await read(server);
    expect(idle.get('spinbay_queue_messages{state="visible"}')).toBe(0);
    expect(idle.get('spinbay_worker_oldest_message_seconds')).toBe(0);
    expect(idle.get('spinbay_worker_message_seconds_count{outcome="done"}')).toBe(2);
    expect(idle.get('spinbay_worker_message_seconds_count{outcome="failed"}')).toBe(3);
    expect(idle.get('spinbay_worker_wait_seconds_count')).toBe(3);

    await stack.rest();
    await stack.stopCloud();
    const alone = await read(server);
    expect(alone.get('spinbay_worker_message_seconds_count{outcome="done"}')).toBe(2);
    expect([...alone.keys()].filter((name) => name.startsWith('spinbay_queue'))).toEqual([]);
    await stack.startCloud();
  } finally {
    await server.close();
  }
});

test('requires the token for metrics through a proxy, and names a port that is in use', async () => {
  const metrics = createMetrics(stack.queue, quiet).registry;
  const options = { host: '127.0.0.1', metrics, metricsToken: 'a token' };
  const server = await serveOperations({ ...options, port: 0 });
  try {
    const asked = (headers: Record<string, string>) =>
      fetch(`http://127.0.0.1:${server.port}/metrics`, { headers: { 'x-forwarded-for': '10.0.0.1', ...headers } });
    expect((await asked({})).status).toBe(404);
    expect((await asked({ authorization: 'Bearer another' })).status).toBe(404);
    expect((await asked({ authorization: 'Bearer a token' })).status).toBe(200);
    await expect(serveOperations({ ...options, port: server.port })).rejects.toThrow(/in use.*SPINBAY_WORKER_PORT/);
  } finally {
    await server.close();
  }
});

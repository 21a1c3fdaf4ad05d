import { type AddressInfo, createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '@spinbay/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareTestRedis, type TestRedis } from '../test-redis.ts';
import { createSharedCounts, type SharedCounts } from './shared-counts.ts';

let redis: TestRedis;
let lines: { reason?: string; msg: string }[];
let all: SharedCounts[];
beforeEach(async () => {
  redis = await prepareTestRedis();
  lines = [];
  all = [];
});
afterEach(async () => {
  for (const counts of all) counts.close();
  await redis.stop();
});

/** Records log lines. */
const log = {
  warn: (fields: { reason: string }, msg: string) => lines.push({ ...fields, msg }),
  info: (msg: string) => lines.push({ msg }),
} as unknown as Logger;

async function shared(url = redis.url) {
  const counts = await createSharedCounts(url, log);
  all.push(counts);
  return counts;
}
const outages = () => lines.filter(({ msg }) => msg.includes('cannot be used'));
const recoveries = () => lines.filter(({ msg }) => msg.includes('can be used again'));

const many = (counts: SharedCounts) => Promise.all(Array.from({ length: 50 }, () => counts.add('b', 'somebody', 1)));

test('several instances share one exact count', async () => {
  await redis.start();
  const instances = await Promise.all([shared(), shared(), shared()]);
  const totals = await Promise.all(Array.from({ length: 300 }, (_, k) => instances[k % 3]?.add('b', 'somebody', 1)));
  expect(totals.map((count) => count?.points).toSorted((a = 0, b = 0) => a - b)).toEqual(
    Array.from({ length: 300 }, (_, k) => k + 1),
  );
  const { points, msLeft } = (await instances[0]?.add('b', 'somebody', 24)) ?? { points: 0, msLeft: 0 };
  expect(points).toBe(324);
  expect(msLeft).toBeGreaterThan(0);
  expect(msLeft).toBeLessThanOrEqual(60_000);
  // Another caller and another bucket are counted separately.
  expect((await instances[1]?.add('b', 'another', 1))?.points).toBe(1);
  expect((await instances[2]?.add('c', 'somebody', 1))?.points).toBe(1);
  expect(instances[0]?.redis()).toEqual({ reachable: true, fallbacks: 0 });
  expect(lines).toEqual([]);
});

describe('Redis is down', () => {
  test('requests are counted in memory while Redis loads its data at the start', async () => {
    const info = 'loading:1\r\nloading_eta_seconds:1\r\n';
    const loading = createServer((socket) => {
      // Answers each command of a chunk.
      socket.on('data', (chunk) => {
        for (const _ of String(chunk).matchAll(/^\*\d/gm)) socket.write(`$${info.length}\r\n${info}\r\n`);
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => loading.listen(0, '127.0.0.1', resolve));
    try {
      const counts = await shared(`redis://127.0.0.1:${(loading.address() as AddressInfo).port}`);
      expect((await counts.add('b', 'somebody', 1)).points).toBe(1);
      expect(counts.redis()).toEqual({ reachable: false, fallbacks: 1 });
      expect(outages()).toMatchObject([{ reason: 'it was not ready within 2000 ms' }]);
    } finally {
      for (const counts of all) counts.close();
      await new Promise((resolve) => loading.close(resolve));
    }
  });

  test('an outage at the start is logged once, requests are counted in memory, and Redis is used once it is up', async () => {
    const counts = await shared();
    expect(counts.redis()).toEqual({ reachable: false, fallbacks: 0 });
    expect((await counts.add('b', 'somebody', 1)).points).toBe(1);
    expect((await counts.add('b', 'somebody', 1)).points).toBe(2);
    expect(counts.redis()?.fallbacks).toBe(2);
    await redis.start();
    // The recovery needs no request.
    await expect.poll(() => counts.redis()?.reachable, { timeout: 10_000 }).toBe(true);
    expect((await counts.add('b', 'somebody', 1)).points).toBe(1);
    expect([outages().length, recoveries().length]).toEqual([1, 1]);
    expect(outages()[0]?.reason).toContain('ECONNREFUSED');
  });

  test('each of two outages in the middle is logged once, and no request fails', async () => {
    await redis.start();
    const counts = await shared();
    for (const outage of [1, 2]) {
      await counts.add('b', 'somebody', 1);
      await redis.kill();
      for (let k = 0; k < 20; k++) await many(counts);
      expect(counts.redis()?.reachable).toBe(false);
      await redis.start();
      await expect.poll(() => counts.redis()?.reachable, { timeout: 10_000 }).toBe(true);
      expect([outages().length, recoveries().length]).toEqual([outage, outage]);
    }
    expect(counts.redis()?.fallbacks).toBeGreaterThan(900);
  });

  test('requests wait only once for a Redis that accepts connections but does not reply', async () => {
    await redis.start();
    const counts = await shared();
    redis.freeze();
    try {
      // Requests are counted while Redis hangs.
      await many(counts);
      expect(counts.redis()).toEqual({ reachable: false, fallbacks: 50 });
      // The outage is known by now: these requests are counted immediately.
      let done = false;
      void many(counts).then(() => {
        done = true;
      });
      await setImmediate();
      expect(done).toBe(true);
    } finally {
      redis.wake();
    }
    await expect.poll(() => counts.redis()?.reachable, { timeout: 15_000 }).toBe(true);
    expect([outages().length, recoveries().length]).toEqual([1, 1]);
  });

  test('a wrong password is logged as an outage, without the password', async () => {
    await redis.stop();
    redis = await prepareTestRedis({ password: 'the-right-one' });
    await redis.start();
    const counts = await shared(redis.url.replace('the-right-one', 'hunter22'));
    expect((await counts.add('b', 'somebody', 1)).points).toBe(1);
    expect(counts.redis()?.reachable).toBe(false);
    expect(outages()).toHaveLength(1);
    expect(JSON.stringify(lines)).toMatch(/WRONGPASS|NOAUTH/);
    expect(JSON.stringify(lines)).not.toContain('hunter22');
  });
});

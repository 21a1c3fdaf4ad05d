import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { addressOf, callerOf } from './rate-limits.ts';

export interface SlowRefusals {
  /** The maximum number of refusals that a caller gets without a delay in one second. */
  readonly perSecond: number;
  readonly delay: () => Promise<void>;
  /** The maximum number of replies that are delayed at the same time. Beyond this a refusal is not delayed. */
  readonly maxWaiting: number;
}

const standard: SlowRefusals = { perSecond: 200, delay: () => sleep(500), maxWaiting: 1_000 };

/**
 * Delays the refusals of a caller who gets hundreds a second. A refusal is cheap, but thousands of them occupy the process,
 * and every other caller waits. The delay works because a client with a limited number of connections must wait for its
 * replies. Without the delay, 100 connections that never paused got 3,000 refusals a second on the machine of
 * docs/performance.md.
 */
export function slowRefusals(app: FastifyInstance, options: SlowRefusals = standard): void {
  const { perSecond, delay, maxWaiting } = options;
  let second = 0;
  let counts = new Map<string, number>();
  let waiting = 0;
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode < 400 || reply.statusCode >= 500) return;
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) {
      second = now;
      counts = new Map();
    }
    const caller = request.principal ? callerOf(request.principal) : addressOf(request);
    const count = (counts.get(caller) ?? 0) + 1;
    counts.set(caller, count);
    if (count <= perSecond || waiting >= maxWaiting) return;
    // Releases the body, which may be large, before the delay.
    request.body = undefined;
    waiting += 1;
    try {
      await delay();
    } finally {
      waiting -= 1;
    }
  });
}

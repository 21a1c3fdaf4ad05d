import { setTimeout } from 'node:timers/promises';
import { storeIsReady } from '@spinbay/core';
import type { Queue } from '@spinbay/queue';
import type { FastifyBaseLogger } from 'fastify';
import type { Parts } from '../../bind/handler.ts';

/** A balancer that asks gives up after some seconds; it is told before. */
const limitMs = 3_000;

/** Whether database, bucket and queue answer now, each `ok` or `unavailable`; the reason goes to the log, not to whoever asks. */
export async function checkReadiness(parts: Parts, queue: Queue, log: FastifyBaseLogger) {
  const signal = AbortSignal.timeout(limitMs);
  const outcome = async (part: string, check: Promise<unknown>): Promise<'ok' | 'unavailable'> => {
    try {
      await check;
      return 'ok';
    } catch (error) {
      log.warn({ err: error, part }, 'not ready');
      return 'unavailable';
    }
  };
  const [database, bucket, queued] = await Promise.all([
    outcome('database', withinLimit(storeIsReady(parts.store))),
    outcome('bucket', parts.objects.ready({ signal })),
    outcome('queue', queue.ready({ signal })),
  ]);
  return { database, bucket, queue: queued };
}

/** For the one check that takes no signal. */
async function withinLimit<T>(check: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = setTimeout(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${limitMs} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([check, late]);
  } finally {
    timer.abort();
  }
}

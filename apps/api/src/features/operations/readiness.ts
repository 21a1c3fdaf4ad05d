import { setTimeout } from 'node:timers/promises';
import { storeIsReady } from '@spinbay/core';
import type { FastifyBaseLogger } from 'fastify';
import type { Deps } from '../../bind/handler.ts';

/** A balancer gives up after some seconds; it is answered before. */
const limitMs = 3_000;
/** However many ask, the database is asked once in this time. */
const freshMs = 500;

/**
 * Whether this instance can serve: the database answers. Bucket and queue are no part of it: nothing is gained by taking
 * every instance out of a balancer when they are away, and most requests do not need them.
 * @returns a function that checks; the reason of a failure goes to the log, not to whoever asks
 */
export function createReadinessCheck(deps: Deps, log: FastifyBaseLogger): () => Promise<'ok' | 'unavailable'> {
  let latest: { readonly at: number; readonly check: Promise<'ok' | 'unavailable'> } | undefined;
  const check = async () => {
    try {
      await withinLimit(storeIsReady(deps.store));
      return 'ok';
    } catch (error) {
      log.warn({ err: error }, 'not ready: the database');
      return 'unavailable';
    }
  };
  return () => {
    if (latest === undefined || performance.now() - latest.at > freshMs)
      latest = { at: performance.now(), check: check() };
    return latest.check;
  };
}

/** The check takes no signal. */
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

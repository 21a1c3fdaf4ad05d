import { setTimeout } from 'node:timers/promises';
import { storeIsReady } from '@spinbay/core';
import type { FastifyBaseLogger } from 'fastify';
import type { Deps } from '../../bind/handler.ts';

/** Load balancers wait a few seconds for a reply. The check must end before that. */
const limitMs = 3_000;
/** A check starts at most once in this time, for any number of requests. */
const freshMs = 500;

/**
 * Whether this instance can serve requests, which needs the database. Bucket and queue are not checked: most requests do not
 * need them, and it would not help to remove all instances from a load balancer while they are down.
 * @returns a function that checks. The reason for a failure goes to the log, not into the reply.
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

/** Stops waiting at the limit. The check itself cannot be aborted and continues to run. */
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

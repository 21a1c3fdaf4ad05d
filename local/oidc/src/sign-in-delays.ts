import { LRUCache } from 'lru-cache';

/** Who tries to sign in: from which network address, to which account, whether anybody has it or not. */
interface Attempt {
  readonly address: string;
  readonly email: string;
}

export interface SignInDelays {
  /** Seconds until the next attempt of this pair is looked at; 0: now. */
  waitSeconds(attempt: Attempt): number;
  failed(attempt: Attempt): void;
  succeeded(attempt: Attempt): void;
}

/** Failures of a pair that cost nothing: people mistype. */
const freeFailures = 5;
const firstDelayMs = 10_000;
const longestDelayMs = 15 * 60_000;
/** A pair without a failure for so long starts anew. */
const forgetAfterMs = 60 * 60_000;
/** Pairs that are remembered at once; the one that tried longest ago is forgotten first. */
const maxPairs = 10_000;

/**
 * Slows down guessing. Each failure of a pair of address and account beyond the free ones doubles the delay of that pair;
 * nobody can lock out the owner of an account, who comes from another address, or anybody else.
 * @param now epoch milliseconds
 */
export function createSignInDelays(now: () => number): SignInDelays {
  const pairs = new LRUCache<string, { failures: number; at: number }>({
    max: maxPairs,
    ttl: forgetAfterMs,
    perf: { now },
    ttlResolution: 0,
  });
  const keyOf = ({ address, email }: Attempt) => `${address} ${email}`;
  return {
    waitSeconds(attempt) {
      const pair = pairs.get(keyOf(attempt));
      if (pair === undefined || pair.failures < freeFailures) return 0;
      const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** (pair.failures - freeFailures));
      return Math.max(0, Math.ceil((pair.at + delay - now()) / 1000));
    },
    failed(attempt) {
      const key = keyOf(attempt);
      pairs.set(key, { failures: (pairs.get(key)?.failures ?? 0) + 1, at: now() });
    },
    succeeded(attempt) {
      pairs.delete(keyOf(attempt));
    },
  };
}

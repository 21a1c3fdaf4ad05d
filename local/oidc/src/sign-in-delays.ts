import { LRUCache } from 'lru-cache';

/** A sign-in attempt: its network address and the account, which need not exist. */
interface Attempt {
  readonly address: string;
  readonly email: string;
}

export interface SignInDelays {
  /** Seconds until the next attempt of this pair is accepted; 0: now. */
  waitSeconds(attempt: Attempt): number;
  failed(attempt: Attempt): void;
  succeeded(attempt: Attempt): void;
}

/** This many failures of a pair cause no delay, because people mistype. */
const freeFailures = 5;
const firstDelayMs = 10_000;
const longestDelayMs = 15 * 60_000;
/** After this time without a failure the delay of a pair is reset. */
const forgetAfterMs = 60 * 60_000;
/** The maximum number of pairs in memory. The pair with the oldest attempt is forgotten first. */
const maxPairs = 10_000;

/**
 * Slows down password guessing. After some free failures, each failure of a pair of network address and account doubles the
 * delay of that pair. The owner of the account signs in from another address, so guessing cannot lock them out.
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

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
/** Pairs that are remembered at once; the one that failed longest ago is forgotten first. */
const maxPairs = 10_000;

/**
 * Slows down guessing. Each failure of a pair of address and account beyond the free ones doubles the delay of that pair;
 * nobody can lock out the owner of an account, who comes from another address, or anybody else.
 * @param now epoch milliseconds
 */
export function createSignInDelays(now: () => number): SignInDelays {
  const pairs = new Map<string, { failures: number; at: number }>();
  const keyOf = ({ address, email }: Attempt) => `${address} ${email}`;
  const recall = (key: string) => {
    const pair = pairs.get(key);
    if (pair === undefined || now() - pair.at < forgetAfterMs) return pair;
    pairs.delete(key);
    return undefined;
  };
  return {
    waitSeconds(attempt) {
      const pair = recall(keyOf(attempt));
      if (pair === undefined || pair.failures < freeFailures) return 0;
      const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** (pair.failures - freeFailures));
      return Math.max(0, Math.ceil((pair.at + delay - now()) / 1000));
    },
    failed(attempt) {
      const key = keyOf(attempt);
      const failures = (recall(key)?.failures ?? 0) + 1;
      pairs.delete(key);
      pairs.set(key, { failures, at: now() });
      const [oldest] = pairs.keys();
      if (pairs.size > maxPairs && oldest !== undefined) pairs.delete(oldest);
    },
    succeeded(attempt) {
      pairs.delete(keyOf(attempt));
    },
  };
}

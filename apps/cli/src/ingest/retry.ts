import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, ConnectionError } from '@spinbay/client';

/** Attempts of one call. The pauses between them add up to 46 to 92 s, unless the server asks for longer ones. */
const attempts = 9;

/**
 * Repeats a call after temporary failures: no answer, 429, 5xx. Photos go through the outbox instead.
 * @throws the last error
 */
export async function retry<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === attempts || !isRetryable(error)) throw error;
      await sleep(pauseAfter(error, attempt));
    }
  }
}

/** An unreadable reply (`UnreadableReply`) is not retryable: the server may have carried out the request. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof ApiError)) return false;
  // Waiting a minute or two does not free a quota.
  if (error.code === 'session_quota_reached' || error.code === 'storage_quota_reached') return false;
  return error.status === 429 || error.status >= 500;
}

/** In milliseconds: the server's `Retry-After`, 60 s at most, else exponential backoff with jitter. */
export function pauseAfter(error: unknown, attempt: number): number {
  if (error instanceof ApiError && error.retryAfter !== null) return Math.min(60, error.retryAfter) * 1000;
  const longest = Math.min(30_000, 250 * 2 ** attempt);
  return longest / 2 + (Math.random() * longest) / 2;
}

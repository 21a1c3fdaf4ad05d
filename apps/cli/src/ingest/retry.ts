import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, ConnectionError } from '@spinbay/client';

/** Tries of one call; the pauses between them add up to about two minutes. */
const attempts = 9;

/** Repeats a call over every fault that may pass: no answer, 429, 5xx. Photos are sent by the outbox. @throws the last fault */
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

/** A reply that this version cannot read (`UnreadableReply`) is not: the request may have been carried out. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ApiError && (error.status === 429 || error.status >= 500);
}

/** Milliseconds: what the server asks for, else twice as long each time and by chance, so that nobody returns in step. */
function pauseAfter(error: unknown, attempt: number): number {
  if (error instanceof ApiError && error.retryAfter !== null) return Math.min(60, error.retryAfter) * 1000;
  const longest = Math.min(30_000, 250 * 2 ** attempt);
  return longest / 2 + (Math.random() * longest) / 2;
}

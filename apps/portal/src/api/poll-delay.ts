import { ApiError } from '@spinbay/client';
import { isRetryable } from './faults.ts';

/** The relevant part of a query's state; times in epoch milliseconds, 0 for never. */
export interface PollState {
  readonly status: 'pending' | 'error' | 'success';
  readonly error: unknown;
  readonly dataUpdatedAt: number;
  readonly errorUpdatedAt: number;
  readonly errorUpdateCount: number;
}

const longestDelay = 30_000;

/**
 * Milliseconds until the next poll: `every` without failures. While the API fails, the wait is as long as the failure has
 * lasted, so it doubles with each attempt, up to 30 s. A longer `Retry-After` is respected.
 * @returns false to stop, if the refusal is final (not found, not allowed, signed out)
 */
export function pollDelay(state: PollState, every: number): number | false {
  if (state.status !== 'error') return every;
  if (!isRetryable(state.error)) return false;
  const backedOff =
    state.dataUpdatedAt > 0 ? state.errorUpdatedAt - state.dataUpdatedAt : every * 2 ** (state.errorUpdateCount - 1);
  const asked = state.error instanceof ApiError ? (state.error.retryAfter ?? 0) * 1000 : 0;
  return Math.max(asked, Math.min(longestDelay, Math.max(every, backedOff)));
}

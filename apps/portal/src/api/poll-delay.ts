import { ApiError } from '@spinbay/client';
import { isPassing } from './faults.ts';

/** The part of a query's state that says how it is faring; times in epoch milliseconds, 0 for never. */
export interface PollState {
  readonly status: 'pending' | 'error' | 'success';
  readonly error: unknown;
  readonly dataUpdatedAt: number;
  readonly errorUpdatedAt: number;
  readonly errorUpdateCount: number;
}

const longestDelay = 30_000;

/**
 * Milliseconds until the next poll: `every` while all is well. While the API fails, the wait grows to as long as the
 * fault has lasted, which doubles it from try to try, up to 30 s; a longer `Retry-After` is kept.
 * @returns false to stop: the refusal is final (not found, not allowed, signed out)
 */
export function pollDelay(state: PollState, every: number): number | false {
  if (state.status !== 'error') return every;
  if (!isPassing(state.error)) return false;
  const backedOff =
    state.dataUpdatedAt > 0 ? state.errorUpdatedAt - state.dataUpdatedAt : every * 2 ** (state.errorUpdateCount - 1);
  const asked = state.error instanceof ApiError ? (state.error.retryAfter ?? 0) * 1000 : 0;
  return Math.max(asked, Math.min(longestDelay, Math.max(every, backedOff)));
}

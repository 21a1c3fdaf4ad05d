import { ApiError, ConnectionError } from '@spinbay/client';
import { type ErrorCode, errorTable } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { type PollState, pollDelay } from './poll-delay.ts';

const well: PollState = { status: 'success', error: null, dataUpdatedAt: 1, errorUpdatedAt: 0, errorUpdateCount: 0 };
const refusal = (code: ErrorCode, retryAfter: number | null = null) =>
  new ApiError({ type: 'about:blank', code, ...errorTable[code] }, retryAfter);

it('polls at a constant interval while there are no failures', () => {
  expect(pollDelay(well, 3000)).toBe(3000);
  expect(pollDelay({ ...well, status: 'pending', dataUpdatedAt: 0 }, 3000)).toBe(3000);
});

it('doubles the wait with each failure, up to 30 s', () => {
  let now = 1_000_000;
  const failing = { ...well, status: 'error', error: new ConnectionError('no answer'), dataUpdatedAt: now } as const;
  const delays: number[] = [];
  now += 3000;
  for (let k = 0; k < 6; k++) {
    const delay = Number(pollDelay({ ...failing, errorUpdatedAt: now }, 3000));
    delays.push(delay);
    now += delay;
  }
  expect(delays).toEqual([3000, 6000, 12_000, 24_000, 30_000, 30_000]);
});

it('also backs off if nothing was ever loaded', () => {
  const failing = { ...well, status: 'error', error: refusal('unavailable'), dataUpdatedAt: 0 } as const;
  const delays = [1, 2, 3, 9].map((errorUpdateCount) => pollDelay({ ...failing, errorUpdateCount }, 3000));
  expect(delays).toEqual([3000, 6000, 12_000, 30_000]);
});

it('respects a longer Retry-After', () => {
  const failing = { ...well, status: 'error', error: refusal('rate_limited', 60), errorUpdatedAt: 2 } as const;
  expect(pollDelay(failing, 3000)).toBe(60_000);
});

it('stops if a retry cannot help', () => {
  for (const code of ['session_not_found', 'forbidden', 'unauthenticated'] as const) {
    expect(pollDelay({ ...well, status: 'error', error: refusal(code) }, 3000)).toBe(false);
  }
});

it('works with a clock that was set back', () => {
  const failing = { ...well, status: 'error', error: refusal('internal'), dataUpdatedAt: 9e12 } as const;
  expect(pollDelay({ ...failing, errorUpdatedAt: 5 }, 3000)).toBe(3000);
});

import type { Clock } from '../ports.ts';

/** The clock of any platform with timers and `performance`. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, call) => {
    // With a longer delay, the timer would fire at once.
    const timer = setTimeout(call, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

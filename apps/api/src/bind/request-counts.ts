/** The use of a bucket by a caller in the current window. */
export interface Count {
  readonly points: number;
  /** Time until the window ends and counting restarts. */
  readonly msLeft: number;
}

/** Counts requests for the rate limits. */
export interface RequestCounts {
  /** Adds to a caller's use of a bucket. The first request starts a window of one minute. Never fails. */
  add(bucket: string, caller: string, points: number): Promise<Count>;
  /** State of the Redis that instances share; null if this process counts alone. */
  redis(): { readonly reachable: boolean; readonly fallbacks: number } | null;
}

export const windowMs = 60_000;

interface Window {
  points: number;
  readonly endsAt: number;
}

/**
 * Counts in the memory of this process.
 * @param maxCallers per bucket. Beyond this, the window that ends next is forgotten. 50,000 use about 10 MB.
 */
export function createMemoryCounts(maxCallers = 50_000): RequestCounts {
  const buckets = new Map<string, Map<string, Window>>();
  return {
    add: async (bucket, caller, points) => {
      // Not the system clock, which can be set back.
      const now = performance.now();
      const windows = buckets.get(bucket) ?? new Map<string, Window>();
      buckets.set(bucket, windows);
      let window = windows.get(caller);
      if (window === undefined || window.endsAt <= now) {
        windows.delete(caller);
        makeRoom(windows, now, maxCallers);
        window = { points: 0, endsAt: now + windowMs };
        windows.set(caller, window);
      }
      window.points += points;
      return { points: window.points, msLeft: window.endsAt - now };
    },
    redis: () => null,
  };
}

/** All windows have the same length, so insertion order is the order of their ends. */
function makeRoom(windows: Map<string, Window>, now: number, maxCallers: number): void {
  for (const [caller, { endsAt }] of windows) {
    if (endsAt > now && windows.size < maxCallers) return;
    windows.delete(caller);
  }
}

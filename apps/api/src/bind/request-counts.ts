/** What one caller has used of one bucket in the running window. */
export interface Count {
  readonly points: number;
  /** Until the window ends and counting begins anew. */
  readonly msLeft: number;
}

/** Where requests are counted against their limits. */
export interface RequestCounts {
  /** Adds to what a caller has used of a bucket; a window of one minute begins with its first request. Never fails. */
  add(bucket: string, caller: string, points: number): Promise<Count>;
  /** How it goes with the Redis that is shared with other instances; null where this process counts alone. */
  redis(): { readonly reachable: boolean; readonly fallbacks: number } | null;
}

export const windowMs = 60_000;

interface Window {
  points: number;
  readonly endsAt: number;
}

/**
 * Counts in this process's memory.
 * @param maxCallers kept for each bucket; beyond, the window that ends next is forgotten. 50,000 take about 10 MB.
 */
export function createMemoryCounts(maxCallers = 50_000): RequestCounts {
  const buckets = new Map<string, Map<string, Window>>();
  return {
    add: async (bucket, caller, points) => {
      // Not the clock on the wall, which is set back now and then.
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

/** All windows are equally long, so that a map in the order of insertion is one in the order of their ends. */
function makeRoom(windows: Map<string, Window>, now: number, maxCallers: number): void {
  for (const [caller, { endsAt }] of windows) {
    if (endsAt > now && windows.size < maxCallers) return;
    windows.delete(caller);
  }
}

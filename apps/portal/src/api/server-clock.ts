/** The time of the API. Ages are computed with server times, because this device's clock may be hours off. */
export interface ServerClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Uses the `Date` header of a reply that was just received. */
  observe(date: string | null): void;
}

/** Differences below this, in milliseconds, are ignored: the header has whole seconds and took some time to arrive. */
const slack = 3000;

export function createServerClock(local: () => number = Date.now): ServerClock {
  let ahead = 0;
  return {
    now: () => local() + ahead,
    observe(date) {
      const difference = Date.parse(date ?? '') - local();
      if (!Number.isNaN(difference)) ahead = Math.abs(difference) < slack ? 0 : difference;
    },
  };
}

/** The time as the API has it: this device's clock may be hours off, and ages are told by the times of the server. */
export interface ServerClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Takes the `Date` header of an answer that was just received. */
  hear(date: string | null): void;
}

/** The header has whole seconds and was on its way a while: a difference below this is none. */
const slack = 3000;

export function createServerClock(local: () => number = Date.now): ServerClock {
  let ahead = 0;
  return {
    now: () => local() + ahead,
    hear(date) {
      const difference = Date.parse(date ?? '') - local();
      if (!Number.isNaN(difference)) ahead = Math.abs(difference) < slack ? 0 : difference;
    },
  };
}

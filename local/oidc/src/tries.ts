export interface TriesOptions {
  /** Failed tries that are free, per window. */
  readonly perEmail: number;
  readonly overall: number;
  readonly windowMs: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Tries {
  /** Seconds until another try is looked at; 0: now. */
  waitSeconds(email: string): number;
  failed(email: string): void;
  succeeded(email: string): void;
}

/** Addresses that are remembered at once; those of the longest ago are forgotten first. */
const maxEmails = 1000;

/** Slows down guessing: failed tries are counted per address, whether somebody has it or not, and all together. */
export function createTries({ perEmail, overall, windowMs, now }: TriesOptions): Tries {
  const byEmail = new Map<string, number[]>();
  let all: number[] = [];
  const recent = (times: readonly number[]) => times.filter((time) => time > now() - windowMs);
  const wait = (times: readonly number[], free: number) => {
    const oldest = times[times.length - free];
    return oldest === undefined ? 0 : Math.ceil((oldest + windowMs - now()) / 1000);
  };
  return {
    waitSeconds(email) {
      all = recent(all);
      return Math.max(wait(recent(byEmail.get(email) ?? []), perEmail), wait(all, overall));
    },
    failed(email) {
      all = [...recent(all), now()].slice(-overall);
      const times = [...recent(byEmail.get(email) ?? []), now()].slice(-perEmail);
      byEmail.delete(email);
      byEmail.set(email, times);
      for (const oldest of byEmail.keys()) {
        if (byEmail.size <= maxEmails) break;
        byEmail.delete(oldest);
      }
    },
    succeeded(email) {
      byEmail.delete(email);
    },
  };
}

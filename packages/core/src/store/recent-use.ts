/** The time after which a use counts 1/e of its duration, in ms. */
const decayMs = 2_000;
/** Half a connection: with constant use of one connection, the sum of the decayed uses approaches `decayMs`. */
const busyMs = 1_000;
/** After this time, less than 0.1 % of a use is left. */
const forgetAfterMs = 7 * decayMs;

interface Use {
  /** In ms of connection time, as of `at`. */
  readonly sum: number;
  readonly at: number;
}

/** How long each caller has held connections in the last seconds: an exponentially decaying sum. */
export class RecentUse {
  /** In the order of the last use. */
  readonly #uses = new Map<string, Use>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(callerId: string, durationMs: number): void {
    const sum = this.#sumOf(callerId) + durationMs;
    this.#uses.delete(callerId);
    this.#uses.set(callerId, { sum, at: this.#now() });
    this.#forgetOld();
  }

  /** Whether the caller has held more than half a connection, on average over the last seconds. */
  isBusy(callerId: string): boolean {
    return this.#sumOf(callerId) > busyMs;
  }

  #sumOf(callerId: string): number {
    const use = this.#uses.get(callerId);
    return use === undefined ? 0 : use.sum * Math.exp((use.at - this.#now()) / decayMs);
  }

  #forgetOld(): void {
    for (const [callerId, { at }] of this.#uses) {
      if (this.#now() - at < forgetAfterMs) return;
      this.#uses.delete(callerId);
    }
  }
}

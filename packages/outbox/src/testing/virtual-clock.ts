import type { Clock } from '../ports.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly call: () => void;
}

/** A clock that advances only when all other work is done. Its wall clock may be wrong. */
export class VirtualClock implements Clock {
  #elapsed = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();
  /** How far the wall clock is ahead of the true time, in milliseconds. */
  ahead = 0;

  now(): number {
    return this.trueTime() + this.ahead;
  }

  trueTime(): number {
    return Date.UTC(2026, 4, 4) + this.#elapsed;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Advances timer by timer until `ms` have passed or `isOver` returns true. @returns the last result of `isOver` */
  async run(ms: number, isOver: () => boolean = () => false): Promise<boolean> {
    const end = this.#elapsed + ms;
    for (;;) {
      await settled();
      if (isOver()) return true;
      const next = [...this.#timers].sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.call();
    }
    this.#elapsed = end;
    await settled();
    return isOver();
  }
}

/** Waits until all work that needs no timer has run. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

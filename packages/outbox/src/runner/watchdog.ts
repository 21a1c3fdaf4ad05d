import type { Clock } from '../ports.ts';

/** An attempt that makes no progress for this many milliseconds is aborted. */
const stalledAfter = 60_000;

/** Aborts an attempt when it stalls or when a parent aborts. (Not all browsers have `AbortSignal.any`.) */
export class Watchdog {
  readonly #clock: Clock;
  readonly #parents: readonly AbortSignal[];
  readonly #controller = new AbortController();
  readonly #onAbort = () => this.#controller.abort();
  #cancel: () => void = () => undefined;
  stalled = false;

  constructor(clock: Clock, ...parents: AbortSignal[]) {
    this.#clock = clock;
    this.#parents = parents;
    for (const parent of parents) {
      if (parent.aborted) this.#controller.abort();
      else parent.addEventListener('abort', this.#onAbort);
    }
    this.progressed();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  progressed(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(stalledAfter, () => {
      this.stalled = true;
      this.#controller.abort();
    });
  }

  end(): void {
    this.#cancel();
    for (const parent of this.#parents) parent.removeEventListener('abort', this.#onAbort);
  }
}

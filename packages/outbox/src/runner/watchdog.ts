import type { Clock } from '../ports.ts';

/** An attempt that does not move for so long is given up, in ms. */
const stalledAfter = 60_000;

/** Ends an attempt that stands still, or with the whole run. (`AbortSignal.any` is not everywhere.) */
export class Watchdog {
  readonly #clock: Clock;
  readonly #parent: AbortSignal;
  readonly #controller = new AbortController();
  readonly #onAbort = () => this.#controller.abort();
  #cancel: () => void = () => undefined;
  stalled = false;

  constructor(clock: Clock, parent: AbortSignal) {
    this.#clock = clock;
    this.#parent = parent;
    if (parent.aborted) this.#controller.abort();
    else parent.addEventListener('abort', this.#onAbort);
    this.moved();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  moved(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(stalledAfter, () => {
      this.stalled = true;
      this.#controller.abort();
    });
  }

  end(): void {
    this.#cancel();
    this.#parent.removeEventListener('abort', this.#onAbort);
  }
}

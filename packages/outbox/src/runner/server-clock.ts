import type { Clock } from '../ports.ts';

/** Smaller differences are ignored: the header has a resolution of one second, and replies take time. */
const smallest = 60_000;

/** Estimates the offset of the device's clock from the `Date` header of the server's replies. */
export class ServerClock {
  readonly #clock: Clock;
  #ahead = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param date the `Date` header of a reply */
  observe(date: string | undefined): void {
    const time = Date.parse(date ?? '');
    if (!Number.isNaN(time)) this.#ahead = this.#clock.now() - time;
  }

  /** Converts a time of the device's clock to the server's clock. */
  serverTime(iso: string): string {
    const time = Date.parse(iso);
    if (Number.isNaN(time) || Math.abs(this.#ahead) < smallest) return iso;
    return new Date(time - this.#ahead).toISOString();
  }
}

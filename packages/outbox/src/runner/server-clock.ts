import type { Clock } from '../ports.ts';

/** Smaller differences are left alone: the server's header has seconds, and the way of the reply takes some. */
const smallest = 60_000;

/** How far the clock of this device is off, as the server's replies tell. */
export class ServerClock {
  readonly #clock: Clock;
  #ahead = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param date the `Date` header of a reply */
  hear(date: string | undefined): void {
    const time = Date.parse(date ?? '');
    if (!Number.isNaN(time)) this.#ahead = this.#clock.now() - time;
  }

  /** A time of this device as the server's clock has it. */
  serverTime(iso: string): string {
    const time = Date.parse(iso);
    if (Number.isNaN(time) || Math.abs(this.#ahead) < smallest) return iso;
    return new Date(time - this.#ahead).toISOString();
  }
}

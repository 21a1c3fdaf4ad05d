import { LinkSpeed } from '../core/link-speed.ts';
import { idleState, type LiveState } from '../core/snapshot.ts';
import type { Clock } from '../ports.ts';
import type { Problem } from '../types.ts';

/** Minimum interval between two progress updates, in milliseconds. */
const publishInterval = 250;

/** The runner's live state, which is shown in all tabs. */
export class LiveBoard {
  readonly #clock: Clock;
  readonly #speed = new LinkSpeed();
  readonly #publish: (state: LiveState) => void;
  #state: LiveState = idleState;
  #publishedAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, publish: (state: LiveState) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  get state(): LiveState {
    return this.#state;
  }

  set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    this.#publishedAt = this.#clock.elapsed();
    this.#cancel?.();
    this.#cancel = null;
    this.#publish(this.#state);
  }

  /** Records the progress of an upload. */
  uploaded(id: string, sent: number, total: number): void {
    const now = this.#clock.elapsed();
    const { sending } = this.#state;
    if (Object.keys(sending).length === 0) this.#speed.begin(now);
    const speed = this.#speed.add(Math.max(0, sent - (sending[id]?.sent ?? 0)), now);
    this.#state = { ...this.#state, speed: speed ?? this.#state.speed, sending: { ...sending, [id]: { sent, total } } };
    if (now - this.#publishedAt >= publishInterval) this.set({});
    else this.#cancel ??= this.#clock.after(publishInterval, () => this.set({}));
  }

  uploadEnded(id: string): void {
    if (this.#state.sending[id] === undefined) return;
    const { [id]: _, ...sending } = this.#state.sending;
    // A small file fits into the buffers of the operating system. Only its end measures the link.
    const speed = this.#speed.add(0, this.#clock.elapsed()) ?? this.#state.speed;
    if (Object.keys(sending).length === 0) this.#speed.pause();
    this.set({ sending, speed });
  }

  problem(id: string, problem: Problem | null): void {
    const { [id]: before, ...problems } = this.#state.problems;
    const { [id]: _, ...causes } = this.#state.causes ?? {};
    const { message, cause } = problem ?? { message: null, cause: null };
    if ((before ?? null) === message) return;
    this.set({
      problems: message === null ? problems : { ...problems, [id]: message },
      causes: cause === null ? causes : { ...causes, [id]: cause },
    });
  }

  /** The runner has stopped, so no upload is running. */
  end(): void {
    this.set({ sending: {}, previewsOnly: false });
  }
}

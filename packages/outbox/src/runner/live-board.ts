import { LinkSpeed } from '../core/link-speed.ts';
import { idleState, type LiveState } from '../core/snapshot.ts';
import type { Clock } from '../ports.ts';

/** Progress is told so often at most, in ms. */
const tellEvery = 250;

/** What the runner shows of itself, in its own tab and in the others. */
export class LiveBoard {
  readonly #clock: Clock;
  readonly #speed = new LinkSpeed();
  readonly #tell: (state: LiveState) => void;
  #state: LiveState = idleState;
  #toldAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, tell: (state: LiveState) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get state(): LiveState {
    return this.#state;
  }

  set(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    this.#toldAt = this.#clock.elapsed();
    this.#cancel?.();
    this.#cancel = null;
    this.#tell(this.#state);
  }

  /** So many bytes of an upload are out. */
  uploaded(id: string, sent: number, total: number): void {
    const now = this.#clock.elapsed();
    const { sending } = this.#state;
    if (Object.keys(sending).length === 0) this.#speed.begin(now);
    const speed = this.#speed.add(Math.max(0, sent - (sending[id]?.sent ?? 0)), now);
    this.#state = { ...this.#state, speed: speed ?? this.#state.speed, sending: { ...sending, [id]: { sent, total } } };
    if (now - this.#toldAt >= tellEvery) this.set({});
    else this.#cancel ??= this.#clock.after(tellEvery, () => this.set({}));
  }

  uploadEnded(id: string): void {
    if (this.#state.sending[id] === undefined) return;
    const { [id]: _, ...sending } = this.#state.sending;
    if (Object.keys(sending).length === 0) this.#speed.pause();
    this.set({ sending });
  }

  problem(id: string, words: string | null): void {
    const { [id]: before, ...others } = this.#state.problems;
    if ((before ?? null) === words) return;
    this.set({ problems: words === null ? others : { ...others, [id]: words } });
  }

  /** The runner ends: nothing is on its way any more. */
  end(): void {
    this.set({ sending: {} });
  }
}

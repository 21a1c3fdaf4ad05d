/** Whether the API answers and, if not, whether this device has a network. */
export type Reach = 'reached' | 'no_network' | 'no_answer';

export interface Reachability {
  get(): Reach;
  subscribe(listener: () => void): () => void;
  /** A call got a reply of any kind. */
  answered(): void;
  /** A call got no reply. A single one is checked before it is reported. */
  unanswered(): void;
}

interface Environment {
  /** Checks that the API answers. @throws if it does not */
  readonly probe: () => Promise<unknown>;
  readonly isOnline: () => boolean;
  /** `window`, for its events `online` and `offline`. */
  readonly events: Pick<EventTarget, 'addEventListener'>;
}

const firstDelay = 2000;
const longestDelay = 15_000;

/**
 * Monitors whether the API answers. The browser's network events are only a reason to check: a local installation answers
 * without a network, and a network does not mean that the API answers.
 */
export function createReachability({ probe, isOnline, events }: Environment): Reachability {
  const listeners = new Set<() => void>();
  let reach: Reach = 'reached';
  let timer: ReturnType<typeof setTimeout> | undefined;
  let probing = false;
  let replies = 0;

  const set = (next: Reach) => {
    if (next === reach) return;
    reach = next;
    for (const listener of listeners) listener();
  };
  const answered = () => {
    replies++;
    clearTimeout(timer);
    set('reached');
  };
  const check = async (delay: number) => {
    if (probing) return;
    clearTimeout(timer);
    probing = true;
    const before = replies;
    try {
      await probe();
      answered();
    } catch {
      // Another call got a reply while this one waited.
      if (replies > before) return;
      set(isOnline() ? 'no_answer' : 'no_network');
      timer = setTimeout(() => void check(Math.min(longestDelay, delay * 2)), delay);
    } finally {
      probing = false;
    }
  };
  const checkNow = () => void check(firstDelay);
  for (const name of ['online', 'offline']) events.addEventListener(name, checkNow);

  return {
    get: () => reach,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    answered,
    unanswered: () => {
      if (reach === 'reached') checkNow();
    },
  };
}

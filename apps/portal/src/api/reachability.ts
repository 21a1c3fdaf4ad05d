/** Whether the API answers; while it does not, whether this device has any network. */
export type Reach = 'reached' | 'no_network' | 'no_answer';

export interface Reachability {
  get(): Reach;
  subscribe(listener: () => void): () => void;
  /** A call was answered, whatever the answer. */
  answered(): void;
  /** A call found nobody. One alone says little: it is looked into before anything is told. */
  unanswered(): void;
  stop(): void;
}

interface Surroundings {
  /** Asks the API for a sign of life. @throws where there is none */
  readonly probe: () => Promise<unknown>;
  readonly isOnline: () => boolean;
  /** `window`: tells `online` and `offline`. */
  readonly events: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
}

const firstDelay = 2000;
const longestDelay = 15_000;

/**
 * Keeps an eye on the way to the API. The browser's word about the network is only a reason to look: a local
 * installation answers without any network, and a network alone does not bring an answer.
 */
export function createReachability({ probe, isOnline, events }: Surroundings): Reachability {
  const listeners = new Set<() => void>();
  let reach: Reach = 'reached';
  let timer: ReturnType<typeof setTimeout> | undefined;
  let probing = false;

  const set = (next: Reach) => {
    if (next === reach) return;
    reach = next;
    for (const listener of listeners) listener();
  };
  const answered = () => {
    clearTimeout(timer);
    set('reached');
  };
  const look = async (delay: number) => {
    if (probing) return;
    clearTimeout(timer);
    probing = true;
    try {
      await probe();
      answered();
    } catch {
      set(isOnline() ? 'no_answer' : 'no_network');
      timer = setTimeout(() => void look(Math.min(longestDelay, delay * 2)), delay);
    } finally {
      probing = false;
    }
  };
  const lookNow = () => void look(firstDelay);
  for (const name of ['online', 'offline']) events.addEventListener(name, lookNow);

  return {
    get: () => reach,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    answered,
    unanswered: () => {
      if (reach === 'reached') lookNow();
    },
    stop() {
      clearTimeout(timer);
      for (const name of ['online', 'offline']) events.removeEventListener(name, lookNow);
    },
  };
}

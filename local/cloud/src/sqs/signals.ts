/** Lets receivers wait for a message in their queue. */
export class QueueSignals {
  readonly #waiters = new Map<string, Set<() => void>>();
  #draining = false;

  /** True when the server is closing. Receivers then reply at once. */
  get draining(): boolean {
    return this.#draining;
  }

  /**
   * Subscribes to a queue. Call this before reading the queue, so that a message that arrives between reading and waiting
   * still ends the wait.
   */
  subscribe(queueId: string): { wait(ms: number, aborted: AbortSignal): Promise<void>; unsubscribe(): void } {
    const { promise, resolve } = promiseWithResolver();
    const waiters = this.#waiters.get(queueId) ?? new Set();
    this.#waiters.set(queueId, waiters);
    waiters.add(resolve);
    return {
      wait: async (ms, aborted) => {
        const timer = setTimeout(resolve, ms);
        aborted.addEventListener('abort', resolve, { once: true });
        if (aborted.aborted || this.#draining) resolve();
        await promise;
        clearTimeout(timer);
        aborted.removeEventListener('abort', resolve);
      },
      unsubscribe: () => {
        waiters.delete(resolve);
        if (waiters.size === 0 && this.#waiters.get(queueId) === waiters) this.#waiters.delete(queueId);
      },
    };
  }

  wake(queueId: string): void {
    for (const wake of this.#waiters.get(queueId) ?? []) wake();
  }

  wakeAll(): void {
    for (const queueId of [...this.#waiters.keys()]) this.wake(queueId);
  }

  drain(): void {
    this.#draining = true;
    this.wakeAll();
  }
}

function promiseWithResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

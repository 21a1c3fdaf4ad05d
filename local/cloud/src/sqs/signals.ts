/** Lets receivers wait for a message in their queue. */
export class QueueSignals {
  readonly #sleepers = new Map<string, Set<() => void>>();
  #draining = false;

  /** True when the server is closing. Receivers then reply at once. */
  get draining(): boolean {
    return this.#draining;
  }

  /**
   * Subscribes to a queue. Call this before reading the queue, so that a message that arrives between reading and waiting
   * still ends the wait.
   */
  arm(queueId: string): { rung(ms: number, aborted: AbortSignal): Promise<void>; disarm(): void } {
    const { promise, resolve } = promiseWithResolver();
    const sleepers = this.#sleepers.get(queueId) ?? new Set();
    this.#sleepers.set(queueId, sleepers);
    sleepers.add(resolve);
    return {
      rung: async (ms, aborted) => {
        const timer = setTimeout(resolve, ms);
        aborted.addEventListener('abort', resolve, { once: true });
        if (aborted.aborted || this.#draining) resolve();
        await promise;
        clearTimeout(timer);
        aborted.removeEventListener('abort', resolve);
      },
      disarm: () => {
        sleepers.delete(resolve);
        if (sleepers.size === 0 && this.#sleepers.get(queueId) === sleepers) this.#sleepers.delete(queueId);
      },
    };
  }

  wake(queueId: string): void {
    for (const wake of this.#sleepers.get(queueId) ?? []) wake();
  }

  wakeAll(): void {
    for (const queueId of [...this.#sleepers.keys()]) this.wake(queueId);
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

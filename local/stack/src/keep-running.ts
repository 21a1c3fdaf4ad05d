import { setTimeout as sleep } from 'node:timers/promises';

/** Something that runs until it ends: a child process, a database server. */
export interface Restartable<T> {
  /** Resolves when it is ready. */
  start(): Promise<T>;
  /** Resolves with the reason when it has ended, also after `stop`. */
  ended(running: T): Promise<string>;
  /** Ends it. May be called after it has ended. */
  stop(running: T): Promise<void>;
  /** Called before each restart, with the reason: it ended, or the last restart failed. */
  onRestart(why: string): void;
}

export interface KeptRunning<T> {
  /** The result of the first start. */
  readonly first: T;
  /** Resolves when nothing runs and nothing will be restarted. */
  stop(): Promise<void>;
}

/** A run of this length resets the backoff. */
const steadyMs = 60_000;
const longestBackoffMs = 10_000;

/**
 * Starts something and restarts it with exponential backoff whenever it ends, until `stop`.
 * @throws the error of the first start; failed restarts are repeated
 */
export async function keepRunning<T>({ start, ended, stop, onRestart }: Restartable<T>): Promise<KeptRunning<T>> {
  const stopping = new AbortController();
  let failures = 0;

  /** @returns null if `stop` was called during the backoff */
  const restart = async (): Promise<{ running: T } | null> => {
    for (;;) {
      const backoff = Math.min(longestBackoffMs, 100 * 2 ** failures);
      await sleep(backoff, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return null;
      try {
        return { running: await start() };
      } catch (error) {
        failures += 1;
        onRestart(error instanceof Error ? error.message : String(error));
      }
    }
  };

  const first = await start();
  // A promise, so that `stop` can wait for a start in progress, which would otherwise outlive this process.
  let current: Promise<{ running: T } | null> = Promise.resolve({ running: first });
  const watch = async () => {
    for (;;) {
      const began = Date.now();
      const now = await current;
      if (now === null) return;
      const why = await ended(now.running);
      if (stopping.signal.aborted) return;
      failures = Date.now() - began > steadyMs ? 0 : failures + 1;
      onRestart(why);
      current = restart();
    }
  };
  const watching = watch();
  return {
    first,
    stop: async () => {
      stopping.abort();
      const now = await current;
      if (now !== null) await stop(now.running);
      await watching;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';

/** Something that runs until it ends: a child process, a database server. */
export interface Restartable<T> {
  /** Resolves when it is ready. */
  start(): Promise<T>;
  /** Resolves with the reason when it has ended, whoever ended it. */
  ended(running: T): Promise<string>;
  /** Ends it. Also called for one that has ended already. */
  stop(running: T): Promise<void>;
  /** Called before each restart, with the reason: it ended, or the last restart failed. */
  onRestart(why: string): void;
}

export interface KeptRunning<T> {
  /** What the first start returned. */
  readonly first: T;
  /** Resolves when nothing runs and nothing will be started again. */
  stop(): Promise<void>;
}

/** A run of this length ends the series of failures that the backoff counts. */
const steadyMs = 60_000;
const longestBackoffMs = 10_000;

/**
 * Starts it, and starts it again with exponential backoff whenever it ends, until `stop`.
 * @throws what the first start throws; a restart that fails is tried again
 */
export async function keepRunning<T>({ start, ended, stop, onRestart }: Restartable<T>): Promise<KeptRunning<T>> {
  const stopping = new AbortController();
  let failures = 0;

  /** @returns null when `stop` was called before it runs again */
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
  // A promise, so that `stop` waits for a start that is under way: it would outlive us.
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

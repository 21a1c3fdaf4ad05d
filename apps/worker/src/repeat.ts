import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@spinbay/runtime';

/**
 * Runs a task repeatedly until it is stopped, with a pause of `pauseMs` before each round. Logs failed rounds and
 * continues. `stop` aborts the signal of the running round and resolves when it has ended.
 */
export function repeat(
  name: string,
  pauseMs: number,
  task: (signal: AbortSignal) => Promise<void>,
  log: Logger,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = async () => {
    for (;;) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await task(signal);
      } catch (error) {
        if (!signal.aborted) log.error({ err: error, task: name }, 'the round failed; the next one retries');
      }
    }
  };
  const running = loop();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@spinbay/runtime';

/**
 * Runs a task again and again, `pauseMs` after its last end (and after the start), until stopped. A failed round is
 * logged and the next one tried. `stop` aborts the signal of a round that runs, and resolves when it has ended.
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
        if (!signal.aborted) log.error({ err: error, task: name }, 'this round failed; the next one tries again');
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

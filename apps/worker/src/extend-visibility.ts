import { setTimeout as sleep } from 'node:timers/promises';
import { type Queue, ReceiptExpired } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';

/**
 * The heartbeat of a message: extends its visibility timeout after every third of it.
 * @returns `stop`, which resolves when no extension is running
 */
export function extendVisibility(
  queue: Queue,
  receiptHandle: string,
  visibilitySeconds: number,
  log: Logger,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const beat = async () => {
    for (;;) {
      await sleep((visibilitySeconds * 1000) / 3, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await queue.changeVisibility(receiptHandle, visibilitySeconds);
      } catch (err) {
        if (err instanceof ReceiptExpired) {
          // The work continues. Whichever worker finishes second finds it done.
          log.warn({ err }, 'the visibility timeout was not extended in time');
          return;
        }
        log.warn({ err }, 'the visibility timeout was not extended; retrying');
      }
    }
  };
  const beating = beat();
  return {
    stop: () => {
      stopping.abort();
      return beating;
    },
  };
}

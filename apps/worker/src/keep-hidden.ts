import { setTimeout as sleep } from 'node:timers/promises';
import { type Queue, ReceiptExpired } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';

/**
 * The heartbeat of a message in work: extends its visibility every third of it.
 * @returns `end`: extends no more, and resolves when no extension is under way any longer
 */
export function keepHidden(
  queue: Queue,
  receiptHandle: string,
  visibilitySeconds: number,
  log: Logger,
): { end(): Promise<void> } {
  const ending = new AbortController();
  const { signal } = ending;
  const beat = async () => {
    for (;;) {
      await sleep((visibilitySeconds * 1000) / 3, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await queue.changeVisibility(receiptHandle, visibilitySeconds);
      } catch (err) {
        if (err instanceof ReceiptExpired) {
          // The work goes on: whoever is second finds it done.
          log.warn({ err }, 'the message was not extended in time');
          return;
        }
        log.warn({ err }, 'the message was not extended; trying again');
      }
    }
  };
  const beating = beat();
  return {
    end: () => {
      ending.abort();
      return beating;
    },
  };
}

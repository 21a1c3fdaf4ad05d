import { QueueUnavailable } from '@spinbay/queue';
import { isUnavailable } from './features/images/retry-while-unavailable.ts';

/** After this many items in a row for which a store or the queue was unavailable, the remaining items are skipped. */
const downAfter = 3;

/**
 * Handles items one after the other. An item that fails is reported and does not stop the others: one that always fails
 * would otherwise end every round at the same place. This includes an item for which a store is unavailable, such as an
 * object that cannot be read.
 * @throws at the end, the last StoreUnavailable, ObjectStoreUnavailable, QueueUnavailable or error of a full disk. If the
 * signal aborts, its reason or the error of the running item.
 */
export async function handleEach<T>(
  items: Iterable<T>,
  signal: AbortSignal,
  handle: (item: T) => Promise<void>,
  onFailure: (error: unknown, item: T) => void,
): Promise<void> {
  let [inARow, last]: [number, unknown] = [0, undefined];
  for (const item of items) {
    signal.throwIfAborted();
    try {
      await handle(item);
      inARow = 0;
    } catch (error) {
      if (signal.aborted) throw error;
      onFailure(error, item);
      const isDown = isUnavailable(error) || error instanceof QueueUnavailable;
      inARow = isDown ? inARow + 1 : 0;
      if (isDown) last = error;
      if (inARow === downAfter) break;
    }
  }
  if (last !== undefined) throw last;
}

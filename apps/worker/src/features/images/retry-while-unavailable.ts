import { setTimeout as sleep } from 'node:timers/promises';
import { type Store, StoreUnavailable, storeIsReady } from '@spinbay/core';
import { ObjectStoreUnavailable, type Objects } from '@spinbay/objects';
import type { Logger } from '@spinbay/runtime';

/** After this many failures while database and object store are both available, the work itself is at fault. */
const ownFaultLimit = 3;

/** Errors of a full disk. The last one is the file size limit of the process. */
const noRoom: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Whether the database, the object store or disk space is unavailable, so that the work itself is not at fault. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof ObjectStoreUnavailable || isNoRoom(error);
}

function isNoRoom(error: unknown): boolean {
  return error instanceof Error && noRoom.includes((error as NodeJS.ErrnoException).code);
}

/**
 * Runs work, and retries it while the database, the object store or disk space is unavailable: the message must not reach
 * the dead-letter queue because of an outage. Its heartbeat continues meanwhile.
 * @throws any other error of `work`, the last error if the work itself is at fault, the signal's reason or `AbortError`
 */
export async function retryWhileUnavailable(
  work: () => Promise<void>,
  deps: { readonly store: Store; readonly objects: Pick<Objects, 'ready'> },
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  let ownFaults = 0;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error) || signal.aborted) throw error;
      // Both stores answer, but for example one object cannot be read. Waiting for it would block a slot forever.
      ownFaults = !isNoRoom(error) && (await bothAnswer(deps, signal)) ? ownFaults + 1 : 0;
      if (ownFaults === ownFaultLimit) throw error;
      const waitingFor = isNoRoom(error)
        ? 'there is no room for temporary files'
        : 'the database or the object store is unavailable';
      log.warn({ err: error, tries }, `${waitingFor}; waiting`);
      await sleep(Math.min(5_000, 250 * 2 ** tries), undefined, { signal });
    }
  }
}

function bothAnswer(
  { store, objects }: { store: Store; objects: Pick<Objects, 'ready'> },
  signal: AbortSignal,
): Promise<boolean> {
  return Promise.all([storeIsReady(store), objects.ready({ signal })]).then(
    () => true,
    () => false,
  );
}

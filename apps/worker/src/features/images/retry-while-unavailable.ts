import { setTimeout as sleep } from 'node:timers/promises';
import { type Store, StoreUnavailable, storeIsReady } from '@spinbay/core';
import { ObjectStoreUnavailable, type Objects } from '@spinbay/objects';
import type { Logger } from '@spinbay/runtime';

/** So often a piece of work may find database or object store away although both answer; then it is the work's own fault. */
const ownFaultLimit = 3;

/** What a full disk says; the last one is the file size limit of the process. */
const noRoom: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Whether database, object store or room on the disk are away, so that nothing is known to be wrong with the work. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof ObjectStoreUnavailable || isNoRoom(error);
}

function isNoRoom(error: unknown): boolean {
  return error instanceof Error && noRoom.includes((error as NodeJS.ErrnoException).code);
}

/**
 * Runs work, again and again while database, object store or room on the disk are away: nothing is wrong with its message then, so that it
 * must not travel to the dead-letter queue. Meanwhile the message's heartbeat goes on.
 * @throws whatever else `work` throws; the reason of the signal, or `AbortError`
 */
export async function retryWhileUnavailable(
  work: () => Promise<void>,
  deps: { readonly store: Store; readonly objects: Objects },
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  let ownFaults = 0;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error) || signal.aborted) throw error;
      // An object whose key cannot be read, say: waiting for it would take a slot away for ever.
      ownFaults = !isNoRoom(error) && (await bothAnswer(deps, signal)) ? ownFaults + 1 : 0;
      if (ownFaults === ownFaultLimit) throw error;
      const waitingFor = isNoRoom(error) ? 'there is no room for temporary files' : 'database or object store are away';
      log.warn({ err: error, tries }, `${waitingFor}; waiting`);
      await sleep(Math.min(5_000, 250 * 2 ** tries), undefined, { signal });
    }
  }
}

function bothAnswer({ store, objects }: { store: Store; objects: Objects }, signal: AbortSignal): Promise<boolean> {
  return Promise.all([storeIsReady(store), objects.ready({ signal })]).then(
    () => true,
    () => false,
  );
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type Store, StoreUnavailable, storeIsReady } from '@spinbay/core';
import { ObjectStoreUnavailable, type Objects } from '@spinbay/objects';
import type { Logger } from '@spinbay/runtime';

/** So often a piece of work may find database or object store away although both answer; then it is the work's own fault. */
const triesOfItsOwn = 3;

/** Whether database or object store are away, so that nothing is known to be wrong with the work. */
export function isAway(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof ObjectStoreUnavailable;
}

/**
 * Runs work, again and again while database or object store are away: nothing is wrong with its message then, so that it
 * must not travel to the dead-letter queue. Meanwhile the message's heartbeat goes on.
 * @throws whatever else `work` throws; the reason of the signal, or `AbortError`
 */
export async function waitOut(
  work: () => Promise<void>,
  parts: { readonly store: Store; readonly objects: Objects },
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  let ownFaults = 0;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || signal.aborted) throw error;
      // An object whose key cannot be read, say: waiting for it would take a slot away for ever.
      ownFaults = (await bothAnswer(parts, signal)) ? ownFaults + 1 : 0;
      if (ownFaults === triesOfItsOwn) throw error;
      log.warn({ err: error, tries }, 'database or object store are away; waiting for them');
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

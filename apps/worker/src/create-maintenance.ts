import type { Logger } from '@spinbay/runtime';
import { createOrphanRemoval, type OrphanDeps } from './features/deletions/remove-orphans.ts';
import { expireEvents } from './features/events/expire-events.ts';
import { type ReconcileDeps, reconcileImages, reconcileTimes } from './features/images/reconcile-images.ts';
import { pruneOutbox } from './features/outbox/prune-outbox.ts';

/** Creates the maintenance work of a worker, which runs once a minute, in a process and in a Lambda function. */
export function createMaintenance(deps: ReconcileDeps & OrphanDeps, eventRetentionDays: number) {
  const removeOrphans = createOrphanRemoval(deps);
  return async (signal: AbortSignal, log: Logger): Promise<void> => {
    await reconcileImages(deps, reconcileTimes, signal, log);
    await pruneOutbox(deps.store, signal);
    await removeOrphans(signal, log);
    await expireEvents(deps.store, eventRetentionDays, signal);
  };
}

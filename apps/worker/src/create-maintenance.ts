import type { Logger } from '@spinbay/runtime';
import { createOrphanRemoval, type OrphanDeps } from './features/deletions/remove-orphans.ts';
import { expireEvents } from './features/events/expire-events.ts';
import { type ReconcileDeps, reconcileImages, reconcileTimes } from './features/images/reconcile-images.ts';
import { pruneOutbox } from './features/outbox/prune-outbox.ts';
import { runEach } from './run-each.ts';

/** Creates the maintenance work of a worker, which runs once a minute, in a process and in a Lambda function. */
export function createMaintenance(deps: ReconcileDeps & OrphanDeps, eventRetentionDays: number) {
  const removeOrphans = createOrphanRemoval(deps);
  return (signal: AbortSignal, log: Logger): Promise<void> =>
    runEach(
      [
        () => reconcileImages(deps, reconcileTimes, signal, log),
        () => pruneOutbox(deps.store, signal),
        () => removeOrphans(signal, log),
        () => expireEvents(deps.store, eventRetentionDays, signal),
      ],
      signal,
    );
}

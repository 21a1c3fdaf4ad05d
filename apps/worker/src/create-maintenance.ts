import type { Logger, OrphanRemoval } from '@spinbay/runtime';
import { createOrphanRemoval, type OrphanDeps } from './features/deletions/remove-orphans.ts';
import { expireEvents } from './features/events/expire-events.ts';
import { type ReconcileDeps, reconcileImages, reconcileTimes } from './features/images/reconcile-images.ts';
import { pruneOutbox } from './features/outbox/prune-outbox.ts';
import { logPromise } from './features/promise/log-promise.ts';
import { runEach } from './run-each.ts';

interface MaintenanceSettings {
  readonly EVENT_RETENTION_DAYS: number;
  readonly ORPHAN_REMOVAL: OrphanRemoval;
}

/** Creates the maintenance work of a worker, which runs once a minute, in a process and in a Lambda function. */
export function createMaintenance(deps: ReconcileDeps & OrphanDeps, settings: MaintenanceSettings) {
  const removeOrphans = createOrphanRemoval(deps, { removal: settings.ORPHAN_REMOVAL });
  return (signal: AbortSignal, log: Logger): Promise<void> =>
    runEach(
      [
        () => reconcileImages(deps, reconcileTimes, signal, log),
        () => logPromise(deps.store, signal, log),
        () => pruneOutbox(deps.store, signal),
        () => removeOrphans(signal, log),
        () => expireEvents(deps.store, settings.EVENT_RETENTION_DAYS, signal),
      ],
      signal,
    );
}

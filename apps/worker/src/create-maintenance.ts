import type { Logger } from '@spinbay/runtime';
import { expireEvents } from './features/events/expire-events.ts';
import { type ReconcileDeps, reconcileImages, reconcileTimes } from './features/images/reconcile-images.ts';
import { pruneOutbox } from './features/outbox/prune-outbox.ts';
import { logPromise } from './features/promise/log-promise.ts';
import { runEach } from './run-each.ts';

interface MaintenanceSettings {
  readonly EVENT_RETENTION_DAYS: number;
}

/** Creates the maintenance work of a worker. Both the worker process and the Lambda function run it once a minute. */
export function createMaintenance(deps: ReconcileDeps, settings: MaintenanceSettings) {
  return (signal: AbortSignal, log: Logger): Promise<void> =>
    runEach(
      [
        () => reconcileImages(deps, reconcileTimes, signal, log),
        () => logPromise(deps.store, signal, log),
        () => pruneOutbox(deps.store, signal, log),
        () => expireEvents(deps.store, settings.EVENT_RETENTION_DAYS, signal, log),
      ],
      signal,
    );
}

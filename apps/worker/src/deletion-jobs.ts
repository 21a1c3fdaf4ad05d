import type { Logger, OrphanRemoval } from '@spinbay/runtime';
import { eraseDue } from './features/deletions/erase-due.ts';
import { removeLatePhotos } from './features/deletions/remove-late-photos.ts';
import type { DeletionDeps } from './features/deletions/remove-objects.ts';
import { createOrphanRemoval } from './features/deletions/remove-orphans.ts';
import { repeat } from './repeat.ts';
import { runEach } from './run-each.ts';

interface DeletionSettings {
  readonly ORPHAN_REMOVAL: OrphanRemoval;
}

type Job = (signal: AbortSignal, log: Logger) => Promise<void>;

const eraseEveryMs = 15_000;
const removeOrphansEveryMs = 60_000;

/** The deletion jobs, the only work that deletes objects. Any number of processes may run them at the same time. */
export function createDeletionJobs(
  deps: DeletionDeps,
  { ORPHAN_REMOVAL: removal }: DeletionSettings,
): { erase: Job; removeOrphans: Job } {
  return {
    erase: (signal, log) =>
      runEach([() => removeLatePhotos(deps, signal, log), () => eraseDue(deps, signal, log)], signal),
    removeOrphans: createOrphanRemoval(deps, { removal }),
  };
}

/** Runs the deletion jobs of a process until they are stopped. */
export function runDeletionJobs(
  deps: DeletionDeps,
  settings: DeletionSettings,
  log: Logger,
): { stop(): Promise<void> } {
  const jobs = createDeletionJobs(deps, settings);
  const running = [
    repeat('erase', eraseEveryMs, (signal) => jobs.erase(signal, log), log),
    repeat('orphans', removeOrphansEveryMs, (signal) => jobs.removeOrphans(signal, log), log),
  ];
  return {
    stop: async () => {
      await Promise.all(running.map((job) => job.stop()));
    },
  };
}

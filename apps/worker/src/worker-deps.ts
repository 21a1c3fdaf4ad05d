import { tmpdir } from 'node:os';
import { createMeasurer, findFfmpeg } from '@spinbay/imaging';
import type { Objects } from '@spinbay/objects';
import { type Logger, openTracing, qcThresholdsOf, type readServiceSettings, type Tracing } from '@spinbay/runtime';
import { chooseConcurrency, thisMachine } from './choose-concurrency.ts';
import type { ImageDeps } from './features/images/process-image.ts';
import { openStorage } from './open-storage.ts';
import { openWorkFolder } from './work-folder.ts';

/** The settings of every process that works on photos. */
export type WorkerSettings = ReturnType<typeof readServiceSettings<'workerFunction'>>;

/** Additional slots: frames are downloaded and uploaded while others are measured, so that no core waits for the network. */
const slotsForTransfers = 2;
/** A process starts in about 0.3 s. The limit allows for slow and busy machines. */
const measureStartTimeoutMs = 60_000;
/** A 12-megapixel JPEG takes about 0.2 s and a HEIC 2 s. The limit stops pictures that make a decoder hang. */
const measureTimeoutMs = 60_000;
/** A 12-megapixel picture takes about 150 MB, the largest allowed one up to about 750 MB. */
const measureMaxRssMb = 900;

export interface WorkerDeps extends ImageDeps {
  readonly objects: Objects;
  readonly tracing: Tracing;
  /** The number of frames that are processed at once. */
  readonly slots: number;
  /** The decoder of HEIC tiles. */
  readonly heicBy: string;
  close(): Promise<void>;
}

/**
 * Opens the dependencies for processing photos, without the queue.
 * @param path the PATH in which to find ffmpeg
 * @throws Error if the temporary folder is not writable
 */
export async function openWorkerDeps(
  settings: WorkerSettings,
  path: string | undefined,
  log: Logger,
): Promise<WorkerDeps> {
  const workFolder = await openWorkFolder(tmpdir(), log);
  const { store, objects, close } = await openStorage(settings, 'spinbay-worker', log);
  const tracing = await openTracing(settings, 'spinbay-worker', log);
  const { measuring, why } = chooseConcurrency(settings.WORKER_CONCURRENCY, thisMachine());
  log.info({ measuring, why }, 'photos measured at once');
  const ffmpeg = findFfmpeg(path);
  const measurer = createMeasurer({
    entry: new URL('./measure-child.mjs', import.meta.url),
    slots: measuring,
    startTimeoutMs: measureStartTimeoutMs,
    timeoutMs: measureTimeoutMs,
    maxRssMb: measureMaxRssMb,
    ffmpeg,
  });
  return {
    store,
    objects,
    measurer,
    qc: qcThresholdsOf(settings),
    workFolder: workFolder.path,
    tracing,
    slots: measuring + slotsForTransfers,
    heicBy: ffmpeg ?? 'libde265',
    close: async () => {
      await measurer.close();
      await workFolder.remove();
      await close();
      await tracing.close();
    },
  };
}

import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { defaultSize } from './draw-frame.ts';
import { type FrameFile, type FrameJob, FrameWriter, frameCount, frameFile, type SpinPlan } from './frame-file.ts';

export interface SpinOptions {
  /** Created if missing. Files are named `angle_000.jpg`, `angle_015.jpg` and so on. Existing files are replaced. */
  readonly outDir: string;
  /** In pixels. Default: 4032 x 3024. */
  readonly width?: number;
  readonly height?: number;
  /** The numbers (1 to 24) of frames that are out of focus. Frame k shows the car at 15 (k - 1) degrees. */
  readonly blur?: readonly number[];
  /** The numbers (1 to 24) of frames to leave out. */
  readonly missing?: readonly number[];
  /** The same seed gives the same pixels. Default: 1. */
  readonly seed?: number;
  /** The capture time of the first frame in EXIF. The others follow at intervals of 2.5 s. Default: now. */
  readonly startedAt?: Date;
  readonly onProgress?: (done: number, total: number) => void;
  /** The URL of the thread's entry point (`draw-worker`). Without it, this thread draws the frames one by one. */
  readonly workerUrl?: URL;
  /** The number of threads. Default: one per core, at most four, because each takes about 300 MB at full size. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/**
 * Draws a spin of 24 frames to JPEG files.
 * @returns the files sorted by angle
 * @throws RangeError for an invalid frame number or size. The signal's reason if it aborts.
 */
export async function drawSpin(options: SpinOptions): Promise<{ files: FrameFile[] }> {
  const { outDir, blur = [], missing = [], onProgress, workerUrl, signal } = options;
  for (const frame of [...blur, ...missing]) {
    if (!Number.isInteger(frame) || frame < 1 || frame > frameCount) {
      throw new RangeError(`There is no frame ${frame}: the frames of a spin are numbered 1 to ${frameCount}.`);
    }
  }
  signal?.throwIfAborted();
  await mkdir(outDir, { recursive: true });
  const plan: SpinPlan = {
    outDir,
    width: options.width ?? defaultSize.width,
    height: options.height ?? defaultSize.height,
    seed: options.seed ?? 1,
    startedAt: (options.startedAt ?? new Date()).getTime(),
  };
  const jobs: FrameJob[] = [];
  for (let frame = 1; frame <= frameCount; frame++) {
    if (!missing.includes(frame)) jobs.push({ frame, blurred: blur.includes(frame) });
  }
  const files: FrameFile[] = [];
  const done = (file: FrameFile) => {
    files.push(file);
    onProgress?.(files.length, jobs.length);
  };
  if (workerUrl) {
    const threads = options.threads ?? Math.min(4, availableParallelism());
    await drawInThreads(plan, jobs, workerUrl, Math.max(1, Math.min(threads, jobs.length)), done, signal);
  } else {
    const writer = new FrameWriter(plan);
    for (const job of jobs) {
      signal?.throwIfAborted();
      done(await writer.write(job));
    }
  }
  return { files: files.sort((a, b) => a.angleDeg - b.angleDeg) };
}

async function drawInThreads(
  plan: SpinPlan,
  jobs: readonly FrameJob[],
  workerUrl: URL,
  threads: number,
  done: (file: FrameFile) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (jobs.length === 0) return;
  const workers = Array.from({ length: threads }, () => new Worker(workerUrl, { workerData: plan }));
  const ended = new AbortController();
  const waiting = [...jobs];
  let open = jobs.length;
  try {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { signal: ended.signal });
      if (signal?.aborted) reject(signal.reason);
      for (const worker of workers) {
        const next = () => {
          const job = waiting.shift();
          if (job) worker.postMessage(job);
        };
        worker.on('message', (file: FrameFile) => {
          next();
          try {
            done(file);
          } catch (error) {
            reject(error);
          }
          open--;
          if (open === 0) resolve();
        });
        worker.on('error', reject);
        worker.on('exit', (code) => reject(new Error(`A drawing thread ended early (exit code ${code}).`)));
        // Two jobs at a time, so that the next frame is drawn while one is encoded and written.
        next();
        next();
      }
    });
  } finally {
    ended.abort();
    await Promise.all(workers.map((worker) => worker.terminate()));
    await Promise.all(jobs.map(({ frame }) => rm(frameFile(plan.outDir, frame).unfinished, { force: true })));
  }
}

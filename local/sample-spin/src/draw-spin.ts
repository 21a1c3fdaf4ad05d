import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { defaultSize } from './draw-frame.ts';
import { type FrameFile, type FrameOrder, FrameWriter, frameCount, frameFile, type SpinPlan } from './frame-file.ts';

export interface SpinOptions {
  /** Created if missing. Files are named `angle_000.jpg`, `angle_015.jpg` and so on. Existing files are replaced. */
  readonly outDir: string;
  readonly width?: number;
  readonly height?: number;
  /** The numbers (1 to 24) of frames that are out of focus. Frame k shows the car at 15 (k - 1) degrees. */
  readonly blur?: readonly number[];
  /** The numbers (1 to 24) of frames to leave out. */
  readonly missing?: readonly number[];
  /** The same seed gives the same pixels. */
  readonly seed?: number;
  /** The capture time of the first frame in EXIF. The others follow at intervals of 2.5 s. Default: now. */
  readonly startedAt?: Date;
  readonly onProgress?: (done: number, total: number) => void;
  /** The URL of the thread's entry point (`draw-worker`). Without it, this thread draws the frames one by one. */
  readonly workerUrl?: URL;
  /** Default: one per core, at most four, because each takes about 300 MB at full size. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Draws a spin of 24 frames to JPEG files. Resolves with the files sorted by angle. Rejects with the signal's reason if it aborts. */
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
  const orders: FrameOrder[] = [];
  for (let frame = 1; frame <= frameCount; frame++) {
    if (!missing.includes(frame)) orders.push({ frame, blurred: blur.includes(frame) });
  }
  const files: FrameFile[] = [];
  const done = (file: FrameFile) => {
    files.push(file);
    onProgress?.(files.length, orders.length);
  };
  if (workerUrl) {
    const threads = options.threads ?? Math.min(4, availableParallelism());
    await drawInThreads(plan, orders, workerUrl, Math.max(1, Math.min(threads, orders.length)), done, signal);
  } else {
    const writer = new FrameWriter(plan);
    for (const order of orders) {
      signal?.throwIfAborted();
      done(await writer.write(order));
    }
  }
  return { files: files.sort((a, b) => a.angleDeg - b.angleDeg) };
}

async function drawInThreads(
  plan: SpinPlan,
  orders: readonly FrameOrder[],
  workerUrl: URL,
  threads: number,
  done: (file: FrameFile) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (orders.length === 0) return;
  const workers = Array.from({ length: threads }, () => new Worker(workerUrl, { workerData: plan }));
  const ended = new AbortController();
  const waiting = [...orders];
  let open = orders.length;
  try {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { signal: ended.signal });
      if (signal?.aborted) reject(signal.reason);
      for (const worker of workers) {
        const next = () => {
          const order = waiting.shift();
          if (order) worker.postMessage(order);
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
        // Two orders at a time, so that the next frame is drawn while one is encoded and written.
        next();
        next();
      }
    });
  } finally {
    ended.abort();
    await Promise.all(workers.map((worker) => worker.terminate()));
    await Promise.all(orders.map(({ frame }) => rm(frameFile(plan.outDir, frame).unfinished, { force: true })));
  }
}

import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { defaultSize } from './draw-frame.ts';
import { type FrameFile, type FrameOrder, FrameWriter, frameCount, frameFile, type SpinPlan } from './frame-file.ts';

export interface SpinOptions {
  /** Created when missing. Files are named `angle_000.jpg`, `angle_015.jpg` and so on; existing ones are replaced. */
  readonly outDir: string;
  readonly width?: number;
  readonly height?: number;
  /** Frame numbers, 1 to 24, that are out of focus. Frame k shows the car at 15 (k - 1) degrees. */
  readonly blur?: readonly number[];
  /** Frame numbers, 1 to 24, that are left out. */
  readonly missing?: readonly number[];
  /** The same seed gives the same pixels. */
  readonly seed?: number;
  /** When the first frame was taken, as told in EXIF; the others follow 2.5 s apart. Default: now. */
  readonly startedAt?: Date;
  readonly onProgress?: (done: number, total: number) => void;
  /** Where the thread's entry (`draw-worker`) lies. Without it the frames are drawn one by one in this thread. */
  readonly workerUrl?: URL;
  /** Default: one a core, at most four, as each takes some 300 MB at full size. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Draws a spin of 24 frames into JPEG files; resolves with them sorted by angle. Rejects with the signal's reason. */
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
        // Two at a time: while one frame is encoded and written, the next is drawn.
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

import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { ImageRejected } from '../image-rejected.ts';
import type { ImageMeasures, MeasureOptions } from '../measure-image.ts';
import {
  begunMessage,
  killGroup,
  type MeasureAnswer,
  type MeasureRequest,
  maxRssArgument,
  outOfMemorySignal,
  readyMessage,
} from './messages.ts';

/** Runs in the child: answers requests one by one until the parent has ended. */
export function serveMeasurements(measure: (bytes: Buffer, options: MeasureOptions) => Promise<ImageMeasures>): void {
  watch(Number(process.argv[maxRssArgument]));
  process.on('disconnect', () => killGroup(process.pid));
  // A service manager may signal all processes of a service. The parent drains first and then ends this process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('message', (request: MeasureRequest) => {
    void answer(request, measure).then((reply) => {
      process.send?.({ ...reply, rss: process.memoryUsage.rss() });
      // The pixels are outside the heap, so the garbage collector would not run for a long time: a child then held three
      // pictures (265 MB instead of 155 MB for 12 megapixels). Runs after the answer, so that it delays nothing.
      setImmediate(() => globalThis.gc?.());
    });
  });
  process.send?.(readyMessage);
}

type Reply = MeasureAnswer extends infer Kind ? (Kind extends unknown ? Omit<Kind, 'rss'> : never) : never;

async function answer(
  { file, ...options }: MeasureRequest,
  measure: (bytes: Buffer, options: MeasureOptions) => Promise<ImageMeasures>,
): Promise<Reply> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    return { kind: 'fault', message: messageOf(error) };
  }
  process.send?.(begunMessage);
  try {
    return { kind: 'measured', measures: await measure(bytes, options) };
  } catch (error) {
    if (error instanceof ImageRejected) return { kind: 'rejected', code: error.code, message: error.message };
    return { kind: 'broke', message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Starts a thread that watches what this one cannot while it runs native code: the memory of the process, and whether
 * the parent still runs. Its source is a string, so that the thread loads no modules.
 */
function watch(maxRss: number): void {
  const source = `
    setInterval(() => {
      if (process.memoryUsage.rss() > ${maxRss}) process.kill(process.pid, '${outOfMemorySignal}');
      if (process.ppid !== ${process.ppid}) process.kill(${process.platform === 'win32' ? process.pid : -process.pid}, 'SIGKILL');
    }, 50);`;
  new Worker(source, {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  }).unref();
}

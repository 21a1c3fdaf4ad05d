import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { ImageRejected } from '../image-rejected.ts';
import type { ImageMeasures, MeasureOptions } from '../measure-image.ts';
import {
  begunMessage,
  type MeasureAnswer,
  type MeasureRequest,
  maxRssArgument,
  outOfMemorySignal,
  readyMessage,
} from './messages.ts';

/** The child's side: answers one request after the other, until its parent is gone. */
export function serveMeasurements(measure: (bytes: Buffer, options: MeasureOptions) => Promise<ImageMeasures>): void {
  watch(Number(process.argv[maxRssArgument]));
  process.on('disconnect', () => process.exit(0));
  // A terminal's Ctrl-C reaches the whole group: the parent drains first, and ends this process when it is done.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('message', (request: MeasureRequest) => {
    void answer(request, measure).then((reply) => {
      process.send?.({ ...reply, rss: process.memoryUsage.rss() });
      // The pixels lie outside of the heap, which alone would not be collected for long: a child then held three pictures
      // (265 MB in place of 155 MB for 12 megapixels). After the answer, so that nobody waits for it.
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
 * A thread of its own looks after what this one cannot while native code runs in it: the memory of the whole process,
 * and whether the parent still lives. Plain text, so that the thread loads nothing.
 */
function watch(maxRss: number): void {
  const source = `
    setInterval(() => {
      if (process.memoryUsage.rss() > ${maxRss}) process.kill(process.pid, '${outOfMemorySignal}');
      if (process.ppid !== ${process.ppid}) process.kill(process.pid, 'SIGKILL');
    }, 50);`;
  new Worker(source, {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  }).unref();
}

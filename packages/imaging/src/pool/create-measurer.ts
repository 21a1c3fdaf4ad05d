import type { ImageMeasures } from '../measure-image.ts';
import { type MeasureProcess, type ProcessOptions, startMeasureProcess } from './measure-process.ts';
import { MeasureProcessDied } from './measure-process-died.ts';
import type { MeasureRequest } from './messages.ts';

export interface MeasurerOptions extends ProcessOptions {
  /** The bundled `measure-child`. */
  readonly entry: URL;
  /** The number of pictures that are measured at once, each in its own process. */
  readonly slots: number;
}

export interface Measurer {
  /**
   * Measures the picture in a file. Calls wait for a free slot.
   * @throws ImageRejected if the picture cannot be read, or if it also makes a second, fresh process crash
   * (`decoder_crashed`) or time out (`decode_timeout`). The signal's reason if it aborts. Any other error says nothing
   * about the picture.
   */
  measure(request: MeasureRequest, signal: AbortSignal): Promise<ImageMeasures>;
  /** Ends the processes. Running measurements fail. */
  close(): Promise<void>;
}

/** If this many processes are killed from outside while they measure a picture, the picture goes back to the queue. */
const lossLimit = 3;

/**
 * Measures pictures in child processes, so that native code that crashes, hangs or takes too much memory affects only its
 * process and its picture. Processes start on demand and are reused.
 */
export function createMeasurer({ entry, slots, ...limits }: MeasurerOptions): Measurer {
  const all = new Set<MeasureProcess>();
  const idle: MeasureProcess[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;
  let closed = false;

  const takeSlot = async () => {
    if (busy >= slots) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
  };
  const releaseSlot = () => {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  };
  const takeProcess = (fresh: boolean) => {
    if (!fresh) for (let known = idle.pop(); known; known = idle.pop()) if (known.usable) return known;
    for (const gone of all) if (!gone.usable) all.delete(gone);
    const started = startMeasureProcess(entry, limits);
    all.add(started);
    return started;
  };
  const measureOnce = async (request: MeasureRequest, signal: AbortSignal, fresh: boolean) => {
    if (closed) throw new Error('The measurer is closed.');
    const child = takeProcess(fresh);
    try {
      return await child.measure(request, signal);
    } finally {
      if (child.usable) idle.push(child);
    }
  };
  return {
    measure: async (request, signal) => {
      signal.throwIfAborted();
      await takeSlot();
      try {
        let suspected = false;
        for (let losses = 0; ; ) {
          try {
            return await measureOnce(request, signal, suspected || losses > 0);
          } catch (error) {
            if (!(error instanceof MeasureProcessDied) || closed) throw error;
            // Only the second failure counts: an earlier picture may have damaged the first process, or somebody killed it.
            if (error.verdict !== null && suspected) throw error.verdict;
            if (error.verdict !== null) suspected = true;
            else if (++losses === lossLimit) throw error;
          }
        }
      } finally {
        releaseSlot();
      }
    },
    close: async () => {
      closed = true;
      await Promise.all([...all].map((child) => child.end()));
    },
  };
}

import type { ImageMeasures } from '../measure-image.ts';
import { type MeasureProcess, type ProcessOptions, startMeasureProcess } from './measure-process.ts';
import { MeasureProcessDied } from './measure-process-died.ts';
import type { MeasureRequest } from './messages.ts';

export interface MeasurerOptions extends ProcessOptions {
  /** The bundled `measure-child`. */
  readonly entry: URL;
  /** Pictures measured at once, each in a process of its own. */
  readonly slots: number;
}

export interface Measurer {
  /**
   * Measures the picture in a file. More calls than there are slots wait for their turn.
   * @throws ImageRejected when the picture cannot be read, or when it makes a second, fresh process crash
   * (`decoder_crashed`) or take too long (`decode_timeout`); the signal's reason when aborted; any other error when nothing
   * is known to be wrong with it
   */
  measure(request: MeasureRequest, signal: AbortSignal): Promise<ImageMeasures>;
  /** Ends the processes; what is still being measured is lost. */
  close(): Promise<void>;
}

/** Processes that may be lost to something outside before the picture goes back to the queue. */
const lossLimit = 3;

/**
 * Measures pictures in child processes, so that native code which crashes, hangs or takes too much memory ends its
 * process and its picture, and nothing else. Processes start when they are needed and stay for the next picture.
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
            // Not the first time: the process before may have been damaged by an earlier picture, or ended from outside.
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

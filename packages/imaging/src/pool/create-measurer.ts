import { ImageRejected } from '../image-rejected.ts';
import type { ImageMeasures } from '../measure-image.ts';
import {
  type MeasureProcess,
  MeasureProcessDied,
  type ProcessOptions,
  startMeasureProcess,
  tooMuchMemory,
} from './measure-process.ts';
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
   * @throws ImageRejected when the picture cannot be read, makes its process crash (`decoder_crashed`) or takes too long
   * (`decode_timeout`); the signal's reason when aborted; any other error when nothing is known to be wrong with it
   */
  measure(request: MeasureRequest, signal: AbortSignal): Promise<ImageMeasures>;
  /** Ends the processes; what is still being measured is lost. */
  close(): Promise<void>;
}

/** A process that dies may have been killed from outside, by a system short of memory: only the second time the picture is to blame. */
const tries = 2;

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
  const takeProcess = () => {
    for (let known = idle.pop(); known; known = idle.pop()) if (known.usable) return known;
    for (const gone of all) if (!gone.usable) all.delete(gone);
    const fresh = startMeasureProcess(entry, limits);
    all.add(fresh);
    return fresh;
  };
  const measureOnce = async (request: MeasureRequest, signal: AbortSignal) => {
    if (closed) throw new Error('The measurer is closed.');
    const child = takeProcess();
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
        for (let left = tries - 1; ; left--) {
          try {
            return await measureOnce(request, signal);
          } catch (error) {
            if (!(error instanceof MeasureProcessDied) || closed) throw error;
            if (left === 0) throw crashed(error, limits);
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

function crashed({ message }: MeasureProcessDied, { maxRssMb }: ProcessOptions): ImageRejected {
  const why =
    message === tooMuchMemory
      ? `reading it takes more than ${maxRssMb} MB of memory`
      : `the decoder breaks down over it: ${message}`;
  return new ImageRejected(
    'decoder_crashed',
    `The picture cannot be read (${why}). Save it as a normal JPEG and upload that.`,
  );
}

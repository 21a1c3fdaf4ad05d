import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ImageRejected } from '../image-rejected.ts';
import type { ImageMeasures } from '../measure-image.ts';
import { type MeasureAnswer, type MeasureRequest, outOfMemorySignal } from './messages.ts';

export interface ProcessOptions {
  /** A picture that takes longer is given up. */
  readonly timeoutMs: number;
  /** A process that needs more is ended. */
  readonly maxRssMb: number;
  /** Path of an ffmpeg, for HEIC. */
  readonly ffmpeg?: string | null;
}

export const tooMuchMemory = 'too much memory';

/** The process ended or broke while it measured: the picture made it crash, or somebody killed it. */
export class MeasureProcessDied extends Error {
  override readonly name = 'MeasureProcessDied';
}

/** One child process; it measures one picture at a time. */
export interface MeasureProcess {
  /** Whether another picture can be given to it. */
  readonly usable: boolean;
  /**
   * @throws ImageRejected when the picture cannot be read; MeasureProcessDied; the reason of the signal. A picture that
   * takes too long and a signal end the process: nothing else stops native code.
   */
  measure(request: MeasureRequest, signal: AbortSignal): Promise<ImageMeasures>;
  /** Resolves when the process is gone. */
  end(): Promise<void>;
}

/**
 * glibc's malloc gives every large block back at once and takes it anew for the next picture: faulting 36 MB in again
 * costs a tenth of the whole job. One arena: with two, each keeps a picture's worth. Elsewhere these names mean nothing.
 */
const mallocSettings = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '2147483648',
};

export function startMeasureProcess(entry: URL, limits: ProcessOptions): MeasureProcess {
  const child = fork(
    fileURLToPath(entry),
    [String(limits.maxRssMb * 2 ** 20), ...(limits.ffmpeg ? [limits.ffmpeg] : [])],
    {
      serialization: 'advanced',
      // What decoders print about damaged files says nothing that the rejection does not.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // For `gc()`: see where the child answers. On one thread, as others give memory back only some time after it: 133 MB at
      // the most in place of 167 MB for 12-megapixel JPEGs, at the same CPU time.
      execArgv: ['--expose-gc', '--single-threaded-gc'],
      // No secret of the worker is in a process that reads what strangers send.
      env: mallocSettings,
    },
  );
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const ready = untilReady(child);
  // Looked at by the first picture.
  ready.catch(() => undefined);
  let usable = true;
  void ended.then(() => {
    usable = false;
  });
  const kill = () => {
    usable = false;
    child.kill('SIGKILL');
  };
  return {
    get usable() {
      return usable;
    },
    measure: async (request, signal) => {
      await ready;
      signal.throwIfAborted();
      const answer = await exchange(child, request, limits.timeoutMs, signal, kill);
      // Memory that a large picture took is not given back: the next one gets a new process.
      if (answer.rss > (limits.maxRssMb * 2 ** 20) / 2 || answer.kind === 'broke') kill();
      if (answer.kind === 'measured') return answer.measures;
      if (answer.kind === 'rejected') throw new ImageRejected(answer.code, answer.message);
      if (answer.kind === 'broke') throw new MeasureProcessDied(answer.message);
      throw new Error(answer.message);
    },
    end: () => {
      kill();
      return ended;
    },
  };
}

/** Resolves when the child can take a request. @throws Error when it ends before: nothing is wrong with any picture */
function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (why: string) => reject(new Error(`The process that measures pictures does not start (${why}).`));
    child.once('message', () => resolve());
    child.once('error', (error) => failed(error.message));
    child.once('exit', (code, by) => failed(by ?? `exit ${code}`));
  });
}

function exchange(
  child: ChildProcess,
  request: MeasureRequest,
  timeoutMs: number,
  signal: AbortSignal,
  kill: () => void,
): Promise<MeasureAnswer> {
  return new Promise<MeasureAnswer>((resolve, reject) => {
    const over = new AbortController();
    const settle = (finish: () => void) => {
      if (over.signal.aborted) return;
      over.abort();
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('error', onError);
      child.off('exit', onExit);
      finish();
    };
    const fail = (reason: unknown) =>
      settle(() => {
        kill();
        reject(reason);
      });
    const died = (why: string) => settle(() => reject(new MeasureProcessDied(why)));
    const onMessage = (answer: MeasureAnswer) => settle(() => resolve(answer));
    const onError = (error: Error) => died(error.message);
    const onExit = (code: number | null, by: NodeJS.Signals | null) => {
      died(by === outOfMemorySignal ? tooMuchMemory : (by ?? `exit ${code}`));
    };
    const timer = setTimeout(() => fail(tookTooLong(timeoutMs)), timeoutMs);
    child.on('message', onMessage);
    child.on('error', onError);
    child.on('exit', onExit);
    signal.addEventListener('abort', () => fail(signal.reason), { once: true, signal: over.signal });
    child.send(request, (error) => {
      if (error) died(error.message);
    });
  });
}

function tookTooLong(timeoutMs: number): ImageRejected {
  return new ImageRejected(
    'decode_timeout',
    `Reading the picture took more than ${Math.round(timeoutMs / 1000)} s and was stopped: save it as a normal JPEG and upload that.`,
  );
}

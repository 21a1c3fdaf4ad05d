import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ImageRejected } from '../image-rejected.ts';
import type { ImageMeasures } from '../measure-image.ts';
import { MeasureProcessDied } from './measure-process-died.ts';
import { begunMessage, type ChildMessage, type MeasureAnswer, type MeasureRequest, readyMessage } from './messages.ts';

export interface ProcessOptions {
  /** A process that takes longer to start is ended. */
  readonly startTimeoutMs: number;
  /** A picture that takes longer is given up. */
  readonly timeoutMs: number;
  /** A process that needs more is ended. */
  readonly maxRssMb: number;
  /** Path of an ffmpeg, for HEIC. */
  readonly ffmpeg?: string | null;
}

/** One child process; it measures one picture at a time. */
export interface MeasureProcess {
  /** Whether another picture can be given to it. */
  readonly usable: boolean;
  /**
   * @throws ImageRejected when the picture cannot be read; MeasureProcessDied; the reason of the signal; any other error
   * when the process does not start or cannot open the file. A picture that takes too long and a signal end the process:
   * nothing else stops native code.
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
  let usable = true;
  const kill = () => {
    usable = false;
    child.kill('SIGKILL');
  };
  const ended = new Promise<void>((resolve) => {
    const gone = () => {
      usable = false;
      resolve();
    };
    child.once('exit', gone);
    // Not `once`: an error that nobody listens to would end the worker.
    child.on('error', gone);
  });
  // A process that cannot be talked to is of no use, also where it lives on.
  child.once('disconnect', kill);
  const ready = untilReady(child, limits.startTimeoutMs);
  // The first picture looks at it.
  ready.catch(kill);
  return {
    get usable() {
      return usable;
    },
    measure: async (request, signal) => {
      await unlessAborted(ready, signal);
      const answer = await exchange(child, request, limits, signal, kill);
      // Memory that a large picture took is not given back: the next one gets a new process.
      if (answer.rss > (limits.maxRssMb * 2 ** 20) / 2 || answer.kind === 'broke') kill();
      if (answer.kind === 'measured') return answer.measures;
      if (answer.kind === 'rejected') throw new ImageRejected(answer.code, answer.message);
      if (answer.kind === 'broke') throw MeasureProcessDied.broken(answer.message);
      throw new Error(answer.message);
    },
    end: () => {
      kill();
      return ended;
    },
  };
}

/** Resolves when the child can take a request. @throws Error when it ends before or takes too long: nothing is wrong with any picture */
function untilReady(child: ChildProcess, timeoutMs: number): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const failed = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`The process that measures pictures does not start (${why}).`));
    };
    const timer = setTimeout(() => failed(`not within ${timeoutMs / 1000} s`), timeoutMs);
    child.once('message', (message: ChildMessage) => {
      clearTimeout(timer);
      if (message === readyMessage) resolve();
    });
    child.once('error', (error) => failed(error.message));
    child.once('exit', (code, by) => failed(by ?? `exit ${code}`));
  });
}

/** Settles as the promise does, or rejects with the reason of the signal. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function exchange(
  child: ChildProcess,
  request: MeasureRequest,
  limits: ProcessOptions,
  signal: AbortSignal,
  kill: () => void,
): Promise<MeasureAnswer> {
  return new Promise<MeasureAnswer>((resolve, reject) => {
    const over = new AbortController();
    // Until the child has said that it began, its end has nothing to do with this picture.
    let begun = false;
    const settle = (finish: () => void) => {
      if (over.signal.aborted) return;
      over.abort();
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('error', onError);
      child.off('exit', onExit);
      finish();
    };
    const abandon = (reason: unknown) =>
      settle(() => {
        kill();
        reject(reason);
      });
    const onMessage = (message: ChildMessage) => {
      if (message === begunMessage) begun = true;
      else if (message !== readyMessage) settle(() => resolve(message));
    };
    const onError = (error: Error) => abandon(MeasureProcessDied.lost(error.message));
    const onExit = (code: number | null, by: NodeJS.Signals | null) => {
      const report = () => settle(() => reject(MeasureProcessDied.ended(code, by, begun, limits.maxRssMb)));
      // What it said last may still be on its way.
      if (child.connected) child.once('disconnect', report);
      else report();
    };
    const timer = setTimeout(() => abandon(MeasureProcessDied.timedOut(limits.timeoutMs)), limits.timeoutMs);
    child.on('message', onMessage);
    child.on('error', onError);
    child.on('exit', onExit);
    signal.addEventListener('abort', () => abandon(signal.reason), { once: true, signal: over.signal });
    child.send(request, (error) => {
      if (error) onError(error);
    });
  });
}

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ImageRejected } from '../image-rejected.ts';
import type { ImageMeasures } from '../measure-image.ts';
import { MeasureProcessDied } from './measure-process-died.ts';
import {
  begunMessage,
  type ChildMessage,
  killGroup,
  type MeasureAnswer,
  type MeasureRequest,
  readyMessage,
} from './messages.ts';

export interface ProcessOptions {
  /** A process that takes longer to start is killed. */
  readonly startTimeoutMs: number;
  /** The time limit per picture. */
  readonly timeoutMs: number;
  /** A process that uses more memory is killed. */
  readonly maxRssMb: number;
  /** The path of an ffmpeg, which decodes HEIC faster. Default: none. */
  readonly ffmpeg?: string | null;
}

/** A child process. It measures one picture at a time. */
export interface MeasureProcess {
  /** Whether the process can measure another picture. */
  readonly usable: boolean;
  /**
   * A timeout and an aborted signal kill the process, because nothing else stops native code.
   * @throws ImageRejected if the picture cannot be read. MeasureProcessDied if the process ends, fails or hangs while it
   * measures. The signal's reason if it aborts. Any other error if the process does not start or cannot open the file.
   */
  measure(request: MeasureRequest, signal: AbortSignal): Promise<ImageMeasures>;
  /** Kills the process. Resolves when it has ended. */
  end(): Promise<void>;
}

/**
 * By default, glibc's malloc returns every large block to the system and allocates it again for the next picture: faulting
 * in 36 MB costs a tenth of the whole job. One arena, because each arena keeps the memory of a picture. Other C libraries
 * ignore these settings.
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
      // A process group of its own, so that its end can also end the ffmpeg that it started.
      detached: process.platform !== 'win32',
      // What decoders print about damaged files adds nothing to the rejection.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // The child calls `gc()` after each answer. The collection runs on one thread, because other threads free memory only
      // later: at most 133 MB instead of 167 MB for 12-megapixel JPEGs, with the same CPU time.
      execArgv: ['--expose-gc', '--single-threaded-gc'],
      // Keeps the worker's secrets out of a process that reads untrusted files.
      env: mallocSettings,
    },
  );
  let usable = true;
  const kill = () => {
    usable = false;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid);
  };
  const ended = new Promise<void>((resolve) => {
    const gone = () => {
      usable = false;
      resolve();
    };
    child.once('exit', () => {
      // If the system or a signal ended it, its ffmpeg may still run.
      if (child.pid !== undefined) killGroup(child.pid);
      gone();
    });
    // Not `once`: an unhandled error event would end the worker.
    child.on('error', gone);
  });
  // A disconnected process is useless even if it still runs.
  child.once('disconnect', kill);
  const ready = untilReady(child, limits.startTimeoutMs);
  // `measure` awaits `ready`, too, and throws its error.
  ready.catch(kill);
  return {
    get usable() {
      return usable;
    },
    measure: async (request, signal) => {
      await unlessAborted(ready, signal);
      const answer = await exchange(child, request, limits, signal, kill);
      // The memory of a large picture is not returned to the system, so the next picture gets a new process.
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

/**
 * Resolves when the child can take a request.
 * @throws Error if it ends before that or takes too long. No picture is the cause.
 */
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

/** Settles like the promise, or rejects with the signal's reason if it aborts first. */
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
    // Until the child reports that it started, its end is not caused by this picture.
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
      // Its last message may still arrive.
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

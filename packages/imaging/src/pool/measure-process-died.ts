import { ImageRejected } from '../image-rejected.ts';
import { outOfMemorySignal } from './messages.ts';

/** Signals by which native code ends its own process. Others, such as the SIGKILL of the OOM killer, come from outside. */
const crashSignals: readonly NodeJS.Signals[] = [
  'SIGSEGV',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGABRT',
  'SIGTRAP',
  'SIGSYS',
  outOfMemorySignal,
];

/** The process ended, failed or hung while it measured a picture. */
export class MeasureProcessDied extends Error {
  override readonly name = 'MeasureProcessDied';
  /** The rejection of the picture if it also ends a fresh process. Null: the picture is not the cause. */
  readonly verdict: ImageRejected | null;

  private constructor(message: string, verdict: ImageRejected | null) {
    super(message);
    this.verdict = verdict;
  }

  /** The process could not be reached, or was killed from outside. */
  static lost(why: string): MeasureProcessDied {
    return new MeasureProcessDied(`The process that measures pictures was lost (${why}).`, null);
  }

  static broken(why: string): MeasureProcessDied {
    return new MeasureProcessDied(why, crashed(`it crashes the decoder: ${why}`));
  }

  static ended(code: number | null, by: NodeJS.Signals | null, begun: boolean, maxRssMb: number): MeasureProcessDied {
    const why = by ?? `exit ${code}`;
    if (!begun || (by !== null && !crashSignals.includes(by))) return MeasureProcessDied.lost(why);
    if (by !== outOfMemorySignal) return MeasureProcessDied.broken(why);
    return new MeasureProcessDied(why, crashed(`reading it takes more than ${maxRssMb} MB of memory`));
  }

  static timedOut(timeoutMs: number): MeasureProcessDied {
    const seconds = Math.round(timeoutMs / 1000);
    const verdict = new ImageRejected(
      'decode_timeout',
      `Reading the picture took more than ${seconds} s and was stopped: save it as a normal JPEG and upload that.`,
    );
    return new MeasureProcessDied(`no answer within ${seconds} s`, verdict);
  }
}

function crashed(why: string): ImageRejected {
  return new ImageRejected(
    'decoder_crashed',
    `The picture cannot be read (${why}). Save it as a normal JPEG and upload that.`,
  );
}

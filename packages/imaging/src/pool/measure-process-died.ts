import { ImageRejected } from '../image-rejected.ts';
import { outOfMemorySignal } from './messages.ts';

/** Signals by which native code ends its own process. The others, SIGKILL of a system short of memory among them, come from outside. */
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

/** The process ended, broke or hung while it had a picture. */
export class MeasureProcessDied extends Error {
  override readonly name = 'MeasureProcessDied';
  /** What is wrong with the picture if it ends a fresh process as well; null: the picture had no part in it. */
  readonly verdict: ImageRejected | null;

  private constructor(message: string, verdict: ImageRejected | null) {
    super(message);
    this.verdict = verdict;
  }

  /** It could not be reached, or was ended from outside. */
  static lost(why: string): MeasureProcessDied {
    return new MeasureProcessDied(`The process that measures pictures was lost (${why}).`, null);
  }

  static broken(why: string): MeasureProcessDied {
    return new MeasureProcessDied(why, crashed(`the decoder breaks down over it: ${why}`));
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

import { createRandom, type Random } from '../../tests/chaos/random.ts';
import type { Arrivals } from './simulate.ts';

/** Seconds of CPU of the worker and seconds of transfer for one upload. */
export interface UploadTimes {
  readonly cpu: { readonly preview: number; readonly original: number };
  readonly send: { readonly preview: number; readonly original: number };
}

export interface Curve {
  readonly name: string;
  /** How it is described in the documentation. */
  readonly words: string;
  readonly seconds: number;
  /** Spins whose last photo is earlier only warm the simulation up. */
  readonly measuredFrom: number;
  /** When each spin begins, in seconds since the start. */
  readonly starts: readonly number[];
  /** The load for which there are tasks at the start. */
  readonly warmSpinsPerSecond: number;
  readonly loss?: { readonly at: number; readonly share: number };
  readonly slow?: { readonly from: number; readonly to: number; readonly addSeconds: number };
}

const framesPerSpin = 24;
/** An operator shoots a frame every 3 seconds, as in `bench load`. */
const secondsPerFrame = 3;
/** The last photo of a spin, after its beginning. */
const shootingSeconds = (framesPerSpin - 1) * secondsPerFrame;
const minutes = 60;

/** The curves. Each has random numbers of its own, so that a change of one leaves the others as they are. */
export function makeCurves(seed: number): Curve[] {
  const random = createRandom(seed);
  return [
    monday(random.fork('monday')),
    {
      name: 'burst',
      words: 'ten times as many spins for 10 minutes, without notice (0.3 a second, then 3)',
      seconds: 60 * minutes,
      measuredFrom: 5 * minutes,
      starts: spinsAt(random.fork('burst'), [
        [0, 0.3],
        [20 * minutes, 3],
        [30 * minutes, 0.3],
        [60 * minutes, 0],
      ]),
      warmSpinsPerSecond: 0.3,
    },
    {
      name: 'loss',
      words: 'two spins a second; after 40 minutes a third of the tasks is gone',
      ...steady(random.fork('loss')),
      loss: { at: 40 * minutes, share: 1 / 3 },
    },
    {
      name: 'slow database',
      words: 'two spins a second; for 10 minutes each photo waits 2 s longer for the database',
      ...steady(random.fork('slow database')),
      slow: { from: 40 * minutes, to: 50 * minutes, addSeconds: 2 },
    },
  ];
}

/** 2,000 dealers begin between 8 and 9 o'clock, most at half past; each then shoots a spin every 12 minutes. */
function monday(random: Random): Curve {
  const [seconds, pause] = [120 * minutes, 12 * minutes];
  const starts: number[] = [];
  for (let dealer = 0; dealer < 2000; dealer++) {
    let at = 60 * minutes * ((random.next() + random.next()) / 2);
    while (at < seconds) {
      starts.push(at);
      at += pause * (0.5 + random.next());
    }
  }
  return {
    name: 'monday',
    words: '2,000 dealers begin within an hour, then shoot a spin every 12 minutes: up to 2.8 a second',
    seconds,
    measuredFrom: 0,
    starts: starts.sort((a, b) => a - b),
    warmSpinsPerSecond: 0,
  };
}

function steady(random: Random) {
  const seconds = 90 * minutes;
  const starts = spinsAt(random, [
    [0, 2],
    [seconds, 0],
  ]);
  return { seconds, measuredFrom: 5 * minutes, starts, warmSpinsPerSecond: 2 };
}

/**
 * Spins that begin independently of each other (a Poisson process).
 * @param rates the spins per second, each from a time on
 */
function spinsAt(random: Random, rates: readonly (readonly [from: number, perSecond: number])[]): number[] {
  const starts: number[] = [];
  for (const [k, [from, perSecond]] of rates.entries()) {
    const to = rates[k + 1]?.[0] ?? from;
    for (let at = from; ; ) {
      at -= Math.log(1 - random.next()) / perSecond;
      if (!(at < to)) break;
      starts.push(at);
    }
  }
  return starts;
}

/** The uploads of some spins. Upload k belongs to frame `frames[k]`; frame f belongs to spin floor(f / 24). */
export function uploadsOf(starts: readonly number[], { cpu, send }: UploadTimes, seed: number) {
  const random = createRandom(seed).fork('uploads');
  const all: { at: number; cpu: number; frame: number }[] = [];
  // Photos differ: up to 30 % more or less work, and a link that is up to twice as fast or slow.
  const work = () => 0.7 + 0.6 * random.next();
  const link = () => 2 ** (2 * random.next() - 1);
  for (const [spin, start] of starts.entries()) {
    const speed = link();
    for (let k = 0; k < framesPerSpin; k++) {
      const shutter = start + k * secondsPerFrame;
      const frame = spin * framesPerSpin + k;
      all.push({ at: shutter + send.preview * speed, cpu: cpu.preview * work(), frame });
      all.push({ at: shutter + (send.preview + send.original) * speed, cpu: cpu.original * work(), frame });
    }
  }
  all.sort((a, b) => a.at - b.at);
  const arrivals: Arrivals = {
    at: Float64Array.from(all, ({ at }) => at),
    cpu: Float64Array.from(all, (upload) => upload.cpu),
  };
  return { arrivals, frames: Int32Array.from(all, ({ frame }) => frame) };
}

/** Seconds from the last photo of each spin until all of its frames are visible. */
export function secondsUntilVisible(
  { starts, measuredFrom }: Pick<Curve, 'starts' | 'measuredFrom'>,
  frames: Int32Array,
  doneAt: Float64Array,
): number[] {
  const visible = new Float64Array(starts.length * framesPerSpin).fill(Number.POSITIVE_INFINITY);
  for (const [k, frame] of frames.entries())
    visible[frame] = Math.min(visible[frame] ?? Number.POSITIVE_INFINITY, doneAt[k] ?? Number.NaN);
  return starts.flatMap((start, spin) => {
    const lastPhoto = start + shootingSeconds;
    if (lastPhoto < measuredFrom) return [];
    const last = visible.subarray(spin * framesPerSpin, (spin + 1) * framesPerSpin).reduce((a, b) => Math.max(a, b));
    return [last - lastPhoto];
  });
}

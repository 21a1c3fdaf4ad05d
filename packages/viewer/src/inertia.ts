/** Where the hand was: degrees turned since the drag began, at a time in ms. */
export interface Sample {
  readonly time: number;
  readonly degrees: number;
}

/** Only the last moments of a drag tell its speed; a hand that rested this long lets go without a push. */
const memoryMs = 100;
const restMs = 60;
/** Degrees per ms: three turns a second and no more, slower than which nothing moves, and how fast the speed fades. */
const fastest = 1.08;
const slowest = 0.02;
const fadeMs = 300;

/** The samples that still count after `sample`. */
export function remember(samples: readonly Sample[], sample: Sample): Sample[] {
  return [...samples.filter(({ time }) => sample.time - time <= memoryMs), sample];
}

/** The speed with which the hand let go, in degrees per ms; 0 when it rested. */
export function releaseSpeed(samples: readonly Sample[], now: number): number {
  const first = samples.find(({ time }) => now - time <= memoryMs + restMs);
  const last = samples.at(-1);
  if (!first || !last || now - last.time > restMs || last.time <= first.time) return 0;
  const speed = (last.degrees - first.degrees) / (last.time - first.time);
  if (Math.abs(speed) < slowest) return 0;
  return Math.sign(speed) * Math.min(Math.abs(speed), fastest);
}

/** How a turn that was let go fades: degrees since then as a function of time, the same at every frame rate. */
export interface Glide {
  readonly durationMs: number;
  readonly degreesAt: (ms: number) => number;
}

export function glide(speed: number): Glide {
  const durationMs = Math.abs(speed) <= slowest ? 0 : fadeMs * Math.log(Math.abs(speed) / slowest);
  return { durationMs, degreesAt: (ms) => speed * fadeMs * (1 - Math.exp(-Math.min(ms, durationMs) / fadeMs)) };
}

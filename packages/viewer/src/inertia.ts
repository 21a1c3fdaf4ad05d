/** A sample of a drag: degrees turned since its start, at a time in ms. */
export interface Sample {
  readonly time: number;
  readonly degrees: number;
}

/** The release speed is the mean over this period. */
const sampleWindowMs = 100;
/** If the pointer rests for longer than this before the release, the release speed is 0. */
const restMs = 60;
/** The maximum speed in degrees per ms: three turns per second. */
const maxSpeed = 1.08;
/** Below this speed, in degrees per ms, a glide ends. */
const minSpeed = 0.02;
/** The time constant of the exponential decay of the speed. */
const fadeMs = 300;

/** Adds a sample and drops those that are too old. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  return [...samples.filter(({ time }) => sample.time - time <= sampleWindowMs), sample];
}

/** The release speed in degrees per ms. 0 after a rest. */
export function releaseSpeed(samples: readonly Sample[], now: number): number {
  const first = samples.find(({ time }) => now - time <= sampleWindowMs + restMs);
  const last = samples.at(-1);
  if (!first || !last || now - last.time > restMs || last.time <= first.time) return 0;
  const speed = (last.degrees - first.degrees) / (last.time - first.time);
  if (Math.abs(speed) < minSpeed) return 0;
  return Math.sign(speed) * Math.min(Math.abs(speed), maxSpeed);
}

/** The glide after a release: degrees as a function of time in ms, independent of the frame rate. */
export interface Glide {
  readonly durationMs: number;
  readonly degreesAt: (ms: number) => number;
}

export function glide(speed: number): Glide {
  const durationMs = Math.abs(speed) <= minSpeed ? 0 : fadeMs * Math.log(Math.abs(speed) / minSpeed);
  return { durationMs, degreesAt: (ms) => speed * fadeMs * (1 - Math.exp(-Math.min(ms, durationMs) / fadeMs)) };
}

/** The speed is averaged over this many milliseconds. */
const windowMs = 10_000;

/** Measures the recent upload speed over all uploads. */
export class LinkSpeed {
  #samples: { readonly at: number; readonly bytes: number }[] = [];
  #began: number | null = null;

  /** Call when an upload starts and no other is running. Idle time before it does not count. */
  begin(at: number): void {
    if (this.#began === null) this.#began = at;
  }

  /** Call when the last upload has ended. */
  pause(): void {
    this.#began = null;
    this.#samples = [];
  }

  /** @returns bytes per second, or undefined in the first 500 ms of uploading */
  add(bytes: number, at: number): number | undefined {
    this.#samples.push({ at, bytes });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= windowMs);
    const from = Math.max(this.#began ?? at, at - windowMs);
    const span = at - from;
    // The first bytes only fill the buffers of the operating system, so they do not measure the link.
    if (span < 500) return undefined;
    const sum = this.#samples.reduce((total, sample) => total + sample.bytes, 0);
    return (sum * 1000) / span;
  }
}

/** Below this many bytes per second, a second original only slows down the first. */
const slow = 150_000;

/** How many uploads run at once. A photo is opened when its upload starts, so this also bounds memory. */
export function concurrencyFor(speed: number | undefined, maxOriginals = 2): { previews: number; originals: number } {
  if (speed !== undefined && speed < slow) return { previews: 3, originals: 1 };
  return { previews: 4, originals: maxOriginals };
}

/** Long sides of previews in pixels, each with the approximate file size of a preview. */
const previewSizes = [
  { longSide: 1600, bytes: 350_000 },
  { longSide: 1280, bytes: 200_000 },
  { longSide: 960, bytes: 110_000 },
] as const;

/**
 * The largest preview size at which `frames` previews upload within `seconds`, so that a spin is visible within half a
 * minute. If none is small enough, the smallest one. While the speed is unknown, the middle one.
 */
export function previewLongSide(speed: number | undefined, frames = 24, seconds = 30): number {
  const fits = previewSizes.find(({ bytes }) => speed !== undefined && bytes * frames <= speed * seconds);
  return fits?.longSide ?? (speed === undefined ? 1280 : 960);
}

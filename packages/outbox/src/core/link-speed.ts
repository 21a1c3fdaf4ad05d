/** Only what was measured within this time counts, in ms. */
const windowMs = 10_000;

/** What went out lately, over all uploads together. */
export class LinkSpeed {
  #samples: { readonly at: number; readonly bytes: number }[] = [];
  #began: number | null = null;

  /** An upload begins where none was running: the time before does not count. */
  begin(at: number): void {
    if (this.#began === null) this.#began = at;
  }

  /** No upload is running any more. The last measurement stays until the next upload. */
  pause(): void {
    this.#began = null;
    this.#samples = [];
  }

  /** @returns bytes per second, or undefined while it is too early to say */
  add(bytes: number, at: number): number | undefined {
    this.#samples.push({ at, bytes });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= windowMs);
    const from = Math.max(this.#began ?? at, at - windowMs);
    const span = at - from;
    // The first bytes fill the buffers of the system at once, and say nothing of the link.
    if (span < 500) return undefined;
    const sum = this.#samples.reduce((total, sample) => total + sample.bytes, 0);
    return (sum * 1000) / span;
  }
}

/** Below this many bytes per second a second upload only makes each slower. */
const slow = 150_000;

/** Uploads at once. A photo is opened when its upload begins, so this bounds memory too. */
export function concurrencyFor(speed: number | undefined, most = 2): { previews: number; originals: number } {
  if (speed !== undefined && speed < slow) return { previews: 3, originals: 1 };
  return { previews: 4, originals: most };
}

/** Long sides of previews, with the bytes that one takes about. */
const previewSizes = [
  { longSide: 1600, bytes: 350_000 },
  { longSide: 1280, bytes: 200_000 },
  { longSide: 960, bytes: 110_000 },
] as const;

/** The largest preview of which `frames` arrive within `seconds`, e.g. so that a spin is seen within half a minute. */
export function previewLongSide(speed: number | undefined, frames = 24, seconds = 30): number {
  const fits = previewSizes.find(({ bytes }) => speed !== undefined && bytes * frames <= speed * seconds);
  return fits?.longSide ?? (speed === undefined ? 1280 : 960);
}

import { randomBytes } from './random.ts';

const tableSize = 1 << 18;

/** Sensor noise: Gaussian, stronger in bright areas (photon noise), and equal in all three channels. */
export class Grain {
  readonly #noise: Int8Array;

  constructor(seed: number) {
    const bytes = randomBytes(seed ^ 0x51ab, tableSize * 4);
    // The sum of four uniform values is close to Gaussian, with a standard deviation of 0.577 of the range of one.
    this.#noise = new Int8Array(tableSize);
    for (let i = 0; i < tableSize; i++) {
      const sum =
        (bytes[i * 4] as number) +
        (bytes[i * 4 + 1] as number) +
        (bytes[i * 4 + 2] as number) +
        (bytes[i * 4 + 3] as number);
      this.#noise[i] = Math.round((sum - 510) / 4.6);
    }
  }

  /** Adds noise with a standard deviation of about `strength` grey levels at mid grey. */
  addTo(pixels: Uint8Array, width: number, height: number, strength: number, seed: number): void {
    const gains = Int32Array.from({ length: 256 }, (_, value) =>
      // The standard deviation of the table is 32 (5 bits). With 8 fractional bits, this gives a shift of 13.
      Math.round(strength * 256 * (0.45 + 0.75 * Math.sqrt(value / 255))),
    );
    const starts = randomBytes(seed ^ 0x9e37, height * 3);
    const noise = this.#noise;
    for (let row = 0; row < height; row++) {
      let from =
        ((starts[row * 3] as number) << 10) ^ ((starts[row * 3 + 1] as number) << 5) ^ (starts[row * 3 + 2] as number);
      let at = row * width * 3;
      for (let column = 0; column < width; column++) {
        const green = pixels[at + 1] as number;
        const add = ((noise[from] as number) * (gains[green] as number) + 4096) >> 13;
        from = (from + 1) & (tableSize - 1);
        const r = (pixels[at] as number) + add;
        const g = green + add;
        const b = (pixels[at + 2] as number) + add;
        pixels[at] = Math.min(255, Math.max(0, r));
        pixels[at + 1] = Math.min(255, Math.max(0, g));
        pixels[at + 2] = Math.min(255, Math.max(0, b));
        at += 3;
      }
    }
  }
}

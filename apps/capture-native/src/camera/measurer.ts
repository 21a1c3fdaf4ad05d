import { lightAround } from '@spinbay/capture/photo/light.ts';
import type { PhotoMeasures } from '@spinbay/capture/platform/camera.ts';
import { type QualityMeasures, qualitySteps } from '@spinbay/imaging/kernels';
import type { RawPixelData } from 'react-native-nitro-image';
import { rgbOf } from './pixels';

/** In milliseconds: half the time of a frame on the screen. The screen can respond between two slices. */
const sliceMs = 8;

interface Waiting {
  readonly pixels: RawPixelData;
  readonly answer: (measures: PhotoMeasures | null | Promise<PhotoMeasures>) => void;
}

/**
 * Measures photos with the worker's kernel, in short slices, so that the screen can respond in between. Hermes has neither
 * WebAssembly nor a JIT compiler, so a photo takes seconds. While one is measured, only the newest waits: the operator gets
 * no warning for the others.
 */
export class Measurer {
  readonly #pause: () => Promise<void>;
  readonly #now: () => number;
  #waiting: Waiting | null = null;
  #busy = false;

  constructor(
    pause: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, 0)),
    now: () => number = () => performance.now(),
  ) {
    this.#pause = pause;
    this.#now = now;
  }

  /** Resolves to null if a newer photo replaced this one. @throws if it cannot be read */
  measure(pixels: RawPixelData): Promise<PhotoMeasures | null> {
    return new Promise((answer) => {
      this.#waiting?.answer(null);
      this.#waiting = { pixels, answer };
      if (!this.#busy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#take(); next !== null; next = this.#take()) {
      const measures = this.#measure(next.pixels);
      next.answer(measures);
      await Promise.allSettled([measures]);
    }
    this.#busy = false;
  }

  #take(): Waiting | null {
    const next = this.#waiting;
    this.#waiting = null;
    return next;
  }

  async #measure(pixels: RawPixelData): Promise<PhotoMeasures> {
    const picture = rgbOf(pixels);
    const steps = qualitySteps(picture);
    let sliceEnd = this.#now() + sliceMs;
    for (;;) {
      const step = steps.next();
      if (step.done) return { ...withoutReduced(step.value), surround: lightAround(picture) };
      if (this.#now() < sliceEnd) continue;
      await this.#pause();
      sliceEnd = this.#now() + sliceMs;
    }
  }
}

function withoutReduced({ reduced: _, ...measures }: QualityMeasures): Omit<QualityMeasures, 'reduced'> {
  return measures;
}

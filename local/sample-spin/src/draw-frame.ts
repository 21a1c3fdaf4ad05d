import sharp from 'sharp';
import type { FramePixels } from './encode-frame.ts';
import { FrameRenderer, makeScene, type Scene } from './frame-renderer.ts';

/** 12 megapixels, the size of a phone camera. */
export const defaultSize = { width: 4032, height: 3024 } as const;

/** Grain in grey levels: that of a normal indoor picture, and that of a defocused one, which the camera has smoothed. */
const grainStrength = { sharp: 3.9, blurred: 1.2 } as const;

/** A defocused frame is drawn this many times smaller, blurred and enlarged. The blur hides the loss of detail. */
const blurScale = 4;
/** The sigma of the defocus as a share of the width: 22 pixels at 12 megapixels. */
const blurShare = 0.0055;

/** Draws frames of one size, sharp or out of focus. Caches their common parts. Sizes are 32 to 16384 pixels. */
export class FrameDrawer {
  readonly #width: number;
  readonly #height: number;
  readonly #scene: Scene;
  readonly #renderers = new Map<number, FrameRenderer>();

  constructor(width: number, height: number, seed: number) {
    for (const [name, value] of Object.entries({ width, height })) {
      if (!Number.isInteger(value) || value < 32 || value > 16_384) {
        throw new RangeError(`The ${name} of a frame must be a whole number from 32 to 16384, not ${value}.`);
      }
    }
    this.#width = width;
    this.#height = height;
    this.#scene = makeScene(seed);
  }

  async draw(angleDeg: number, blurred: boolean): Promise<FramePixels> {
    const [width, height] = [this.#width, this.#height];
    const data = blurred ? await this.#drawBlurred(angleDeg) : this.#renderer(1).draw(angleDeg);
    const strength = blurred ? grainStrength.blurred : grainStrength.sharp;
    this.#scene.grain.addTo(data, width, height, strength, this.#scene.seed + Math.round(angleDeg) * 7919);
    return { data, width, height };
  }

  async #drawBlurred(angleDeg: number): Promise<Buffer> {
    const renderer = this.#renderer(blurScale);
    const raw = { raw: { width: renderer.width, height: renderer.height, channels: 3 } } as const;
    const soft = await sharp(renderer.draw(angleDeg), raw)
      .blur(Math.max(0.5, renderer.width * blurShare))
      .raw()
      .toBuffer();
    return sharp(soft, raw).resize(this.#width, this.#height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer();
  }

  #renderer(scale: number): FrameRenderer {
    let renderer = this.#renderers.get(scale);
    if (!renderer) {
      renderer = new FrameRenderer(this.#scene, Math.ceil(this.#width / scale), Math.ceil(this.#height / scale));
      this.#renderers.set(scale, renderer);
    }
    return renderer;
  }
}

export interface FrameOptions {
  /** 0 shows the front, 90 shows one side. */
  readonly angleDeg: number;
  readonly width?: number;
  readonly height?: number;
  /** The same seed gives the same pixels. */
  readonly seed?: number;
  /** Whether the frame is out of focus. */
  readonly blurred?: boolean;
}

/** Draws a single frame. For several frames, use a `FrameDrawer`, which draws the common parts only once. */
export function drawFrame(options: FrameOptions): Promise<FramePixels> {
  const { angleDeg, width = defaultSize.width, height = defaultSize.height, seed = 1, blurred = false } = options;
  return new FrameDrawer(width, height, seed).draw(angleDeg, blurred);
}

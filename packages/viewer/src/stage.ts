import { html } from './dom.ts';
import { decodeImage } from './pictures.ts';
import type { Zoom } from './zoom.ts';

/** The sharper picture of a frame, and its URL. */
export interface SharpPicture {
  readonly key: string;
  readonly url: () => string | Promise<string>;
}

interface Sharper {
  readonly key: string;
  readonly load: AbortController;
  image?: HTMLImageElement;
}

/**
 * The picture: a canvas for turning, and a sharper image over it at rest. The canvas has the size of the picture and the
 * compositor scales it, so turning only copies pixels.
 */
export class Stage {
  readonly scene = html('div', { class: 'scene', part: 'picture' });
  readonly #canvas = html('canvas');
  readonly #context = this.#canvas.getContext('2d');
  #drawn: ImageBitmap | undefined;
  #sharp: Sharper | undefined;

  constructor() {
    this.scene.append(this.#canvas);
  }

  /** Shows a decoded picture. Undefined clears the stage. */
  draw(bitmap: ImageBitmap | undefined): void {
    if (bitmap === this.#drawn) return;
    this.#drawn = bitmap;
    const { width, height } = bitmap ?? { width: 1, height: 1 };
    // Setting the size of a canvas clears it, even if the size stays the same.
    if (this.#canvas.width !== width || this.#canvas.height !== height || !bitmap) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    if (!bitmap || !this.#context) return;
    this.#context.globalCompositeOperation = 'copy';
    this.#context.drawImage(bitmap, 0, 0);
  }

  setZoom({ scale, x, y }: Zoom): void {
    this.scene.style.transform = scale === 1 ? '' : `translate(${x * 100}%, ${y * 100}%) scale(${scale})`;
  }

  /** Loads the picture and shows it over the canvas. Resolves to false if it fails to load. */
  async sharpen(picture: SharpPicture): Promise<boolean> {
    if (this.#sharp?.key === picture.key) return true;
    const before = this.#sharp;
    before?.load.abort();
    const next: Sharper = { key: picture.key, load: new AbortController() };
    // A less sharp picture of the same frame stays visible until the sharper one is decoded.
    if (before?.image) next.image = before.image;
    this.#sharp = next;
    try {
      const image = await decodeImage(await picture.url(), next.load.signal);
      next.image?.remove();
      next.image = image;
      image.alt = '';
      image.draggable = false;
      this.scene.append(image);
      return true;
    } catch {
      return next.load.signal.aborted;
    }
  }

  clearSharp(): void {
    this.#sharp?.load.abort();
    this.#sharp?.image?.remove();
    this.#sharp = undefined;
  }

  close(): void {
    this.clearSharp();
    this.draw(undefined);
  }
}

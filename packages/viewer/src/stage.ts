import { html } from './dom.ts';
import { decodeImage } from './pictures.ts';
import type { Zoom } from './zoom.ts';

/** The sharper picture of a frame, and its URL. */
export interface SharpPicture {
  readonly key: string;
  readonly url: () => Promise<string>;
}

interface Load {
  readonly key: string;
  readonly controller: AbortController;
  readonly result: Promise<boolean | undefined>;
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
  #sharp: { readonly key: string; readonly image: HTMLImageElement } | undefined;
  #load: Load | undefined;

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

  /**
   * Loads the picture and shows it over the canvas. Resolves to true if it is shown, false if it has failed, and undefined
   * if it is no longer needed.
   */
  async sharpen({ key, url }: SharpPicture): Promise<boolean | undefined> {
    if (this.#sharp?.key === key) return true;
    if (this.#load?.key !== key) {
      this.#load?.controller.abort();
      const controller = new AbortController();
      this.#load = { key, controller, result: this.#show(key, url, controller) };
    }
    return this.#load.result;
  }

  async #show(key: string, url: SharpPicture['url'], load: AbortController): Promise<boolean | undefined> {
    try {
      const image = await decodeImage(await url(), load.signal);
      // A less sharp picture of the same frame stays visible until the sharper one is decoded.
      this.#sharp?.image.remove();
      this.#sharp = { key, image };
      image.alt = '';
      image.draggable = false;
      this.scene.append(image);
      return true;
    } catch {
      return load.signal.aborted ? undefined : false;
    } finally {
      if (this.#load?.controller === load) this.#load = undefined;
    }
  }

  clearSharp(): void {
    this.#load?.controller.abort();
    this.#load = undefined;
    this.#sharp?.image.remove();
    this.#sharp = undefined;
  }

  close(): void {
    this.clearSharp();
    this.draw(undefined);
  }
}

/** A timeout, so that a server that does not answer does not block other pictures. */
const loadTimeoutMs = 60_000;
/**
 * Maximum long edge of the pictures for turning, in pixels. 24 pictures of 600 x 450 take 26 MB, of 1200 x 900 four times as
 * much.
 */
const maxEdge = 1200;

/** Loads and decodes an image. Rejects if it fails, times out, or the signal aborts. */
export async function decodeImage(url: string, signal: AbortSignal): Promise<HTMLImageElement> {
  signal.throwIfAborted();
  const image = new Image();
  const settled = new AbortController();
  try {
    await new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal });
      const timer = setTimeout(() => reject(new Error(`${url} did not load in time.`)), loadTimeoutMs);
      settled.signal.addEventListener('abort', () => clearTimeout(timer));
      image.decoding = 'async';
      image.src = url;
      image.decode().then(resolve, reject);
    });
    return image;
  } catch (error) {
    // Stops loading. If the attribute were removed instead, Chromium would keep the image forever.
    image.src = '';
    throw error;
  } finally {
    settled.abort();
  }
}

/** The decoded pictures for turning. Showing one only copies pixels. */
export class Pictures {
  readonly #bitmaps = new Map<string, ImageBitmap>();
  readonly #loads = new Map<string, AbortController>();

  get loading(): number {
    return this.#loads.size;
  }

  get(key: string): ImageBitmap | undefined {
    return this.#bitmaps.get(key);
  }

  /** Resolves to true if the picture has loaded, false if it has failed, and undefined if it is no longer needed. */
  async load(key: string, url: string): Promise<boolean | undefined> {
    const load = new AbortController();
    this.#loads.set(key, load);
    try {
      const bitmap = toBitmap(await decodeImage(url, load.signal));
      this.#bitmaps.set(key, bitmap);
      return true;
    } catch {
      return load.signal.aborted ? undefined : false;
    } finally {
      if (this.#loads.get(key) === load) this.#loads.delete(key);
    }
  }

  /** Keeps these pictures. Releases all others and stops their loads. */
  keep(keys: ReadonlySet<string | null>): void {
    for (const [key, load] of this.#loads) {
      if (keys.has(key)) continue;
      load.abort();
      this.#loads.delete(key);
    }
    for (const [key, bitmap] of this.#bitmaps) {
      if (keys.has(key)) continue;
      bitmap.close();
      this.#bitmaps.delete(key);
    }
  }
}

/** Decodes the pixels of the image. An `ImageBitmap` made directly from the image may be decoded only when it is drawn. */
function toBitmap(image: HTMLImageElement): ImageBitmap {
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(1, maxEdge / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.transferToImageBitmap();
}

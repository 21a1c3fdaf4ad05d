import { LRUCache } from 'lru-cache';
import { type Encoding, encodeBody } from './encode-body.ts';

/** The bytes of a reply, and what they are compressed. */
export class RenderedBody {
  readonly plain: Buffer;
  readonly #encoded = new Map<Encoding, Promise<Buffer>>();

  constructor(plain: Buffer) {
    this.plain = plain;
  }

  /** Compressed once, for whoever asks. */
  encoded(encoding: Encoding): Promise<Buffer> {
    const known = this.#encoded.get(encoding) ?? encodeBody(this.plain, encoding);
    this.#encoded.set(encoding, known);
    return known;
  }
}

/**
 * The last bodies of replies that many callers ask for alike. A key names everything that a body depends on, so that an
 * entry is never stale; whether a caller may have it is checked before, by the handler.
 */
export class RenderedBodies {
  readonly #bodies: LRUCache<string, RenderedBody>;
  readonly #rendering = new Map<string, Promise<RenderedBody>>();

  /** @param maxBytes of bodies as they are; compressed they take a fifth of that more */
  constructor(maxBytes = 64 * 1024 * 1024) {
    this.#bodies = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ plain }) => Math.max(1, plain.length) });
  }

  /** What is remembered, or what `render` gives: once for all who ask meanwhile, unless it fails for the first of them. */
  async get(key: string, render: () => Promise<Buffer>): Promise<RenderedBody> {
    const known = this.#bodies.get(key);
    if (known !== undefined) return known;
    const running = this.#rendering.get(key);
    // It failed for a reason of that caller's, perhaps: they lost their access, or ask for too much at once.
    if (running !== undefined) return running.catch(() => this.#render(key, render));
    return this.#render(key, render);
  }

  async #render(key: string, render: () => Promise<Buffer>): Promise<RenderedBody> {
    const rendering = render().then((plain) => new RenderedBody(plain));
    this.#rendering.set(key, rendering);
    try {
      const body = await rendering;
      this.#bodies.set(key, body);
      return body;
    } finally {
      if (this.#rendering.get(key) === rendering) this.#rendering.delete(key);
    }
  }
}

import type { OrgId } from '@spinbay/contracts';
import { LRUCache } from 'lru-cache';
import { type Encoding, encodeBody } from './encode-body.ts';

/** The bytes of a reply, plain and compressed. */
export class RenderedBody {
  readonly plain: Buffer;
  readonly #encoded = new Map<Encoding, Promise<Buffer>>();

  constructor(plain: Buffer) {
    this.plain = plain;
  }

  /** Compressed once, for all callers. */
  encoded(encoding: Encoding): Promise<Buffer> {
    const known = this.#encoded.get(encoding);
    if (known !== undefined) return known;
    const encoded = encodeBody(this.plain, encoding);
    this.#encoded.set(encoding, encoded);
    // A failure is not kept: the next caller encodes again.
    encoded.catch(() => this.#encoded.delete(encoding));
    return encoded;
  }
}

/**
 * A cache of reply bodies that many callers of one organization request. A key contains everything that a body depends on,
 * so that an entry is never stale. The handler must first check that the caller may have the body. The organization is a
 * separate argument, because ids that clients generate are unique only within an organization.
 */
export class RenderedBodies {
  readonly #bodies: LRUCache<string, RenderedBody>;
  readonly #rendering = new Map<string, Promise<RenderedBody>>();

  /** @param maxBytes of uncompressed bodies; their compressed forms add about a fifth */
  constructor(maxBytes = 64 * 1024 * 1024) {
    this.#bodies = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ plain }) => Math.max(1, plain.length) });
  }

  /** The cached body, or the result of `render`, which runs once for concurrent callers unless it fails. */
  async get(orgId: OrgId, keyInOrg: string, render: () => Promise<Buffer>): Promise<RenderedBody> {
    const key = `${orgId}/${keyInOrg}`;
    const known = this.#bodies.get(key);
    if (known !== undefined) return known;
    const running = this.#rendering.get(key);
    // Renders again after a failure, which may be specific to the first caller: lost access, or too many requests.
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

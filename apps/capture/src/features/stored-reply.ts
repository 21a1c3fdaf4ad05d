import type { z } from 'zod';
import type { KeyValueStore } from '../platform/platform.tsx';

interface Source<T> {
  /** Where the reply is stored on the device. */
  readonly key: string;
  readonly type: z.ZodType<T>;
  /** Applies until the server has answered for the first time. */
  readonly initial: T;
  /** @returns undefined for a reply of a later server that this app does not know */
  readonly load: () => Promise<T | undefined>;
}

/** The server's last reply to one request. It is stored, so that the app can use it without a network. */
export class StoredReply<T> {
  readonly #store: KeyValueStore;
  readonly #source: Source<T>;
  readonly #listeners = new Set<() => void>();
  #value: T;
  /** What is stored, as JSON. It differs from the value after a write that failed. */
  #stored: string;

  private constructor(store: KeyValueStore, source: Source<T>, value: T) {
    this.#store = store;
    this.#source = source;
    this.#value = value;
    this.#stored = JSON.stringify(value);
  }

  static async open<T>(store: KeyValueStore, source: Source<T>): Promise<StoredReply<T>> {
    const stored = source.type.safeParse(await store.get(source.key));
    return new StoredReply(store, source, stored.success ? stored.data : source.initial);
  }

  get = (): T => this.#value;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * @throws the error of the client, in which case the value does not change, or the error of the store. In the second case,
   *   the next refresh tries to store the value again.
   */
  async refresh(): Promise<void> {
    const value = await this.#source.load();
    if (value === undefined) return;
    const json = JSON.stringify(value);
    if (json !== JSON.stringify(this.#value)) {
      this.#value = value;
      for (const listener of this.#listeners) listener();
    }
    if (json === this.#stored) return;
    await this.#store.set(this.#source.key, value);
    this.#stored = json;
  }
}

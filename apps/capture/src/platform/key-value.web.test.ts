import { beforeEach, expect, test, vi } from 'vitest';
import { openKeyValueStore } from './key-value.web.ts';

/** The part of IndexedDB that the store uses, with values that survive a closed connection. */
class FakeIndexedDb {
  readonly values = new Map<string, unknown>();
  readonly connections: FakeConnection[] = [];
  refuses = false;

  open() {
    const request: Record<string, unknown> & { onsuccess?(): void; onerror?(): void } = {};
    queueMicrotask(() => {
      if (this.refuses) {
        request.error = new Error('refused');
        request.onerror?.();
        return;
      }
      request.result = new FakeConnection(this.values);
      this.connections.push(request.result as FakeConnection);
      request.onsuccess?.();
    });
    return request;
  }
}

class FakeConnection {
  readonly #values: Map<string, unknown>;
  #closed = false;
  onclose: () => void = () => undefined;

  constructor(values: Map<string, unknown>) {
    this.#values = values;
  }
  transaction() {
    if (this.#closed) throw new DOMException('The connection is closed.', 'InvalidStateError');
    const transaction: { oncomplete?(): void; objectStore(): object } = {
      objectStore: () => ({
        get: (key: string) => ({ result: this.#values.get(key) }),
        put: (value: unknown, key: string) => void this.#values.set(key, value),
      }),
    };
    queueMicrotask(() => transaction.oncomplete?.());
    return transaction;
  }
  /** As a browser does to a page that was in the background for a long time. */
  lose() {
    this.#closed = true;
    this.onclose();
  }
}

let database: FakeIndexedDb;
beforeEach(() => {
  database = new FakeIndexedDb();
  vi.stubGlobal('indexedDB', database);
  return () => vi.unstubAllGlobals();
});

test('a store whose connection the browser has closed opens it again', async () => {
  const store = openKeyValueStore('test');
  await store.set('device', 'secret');
  database.connections[0]?.lose();
  expect(await store.get('device')).toBe('secret');
  await store.set('device', 'new secret');
  expect(await store.get('device')).toBe('new secret');
  expect(database.connections).toHaveLength(2);
});

test('a store that could not be opened is opened by the next call', async () => {
  const store = openKeyValueStore('test');
  database.refuses = true;
  await expect(store.get('device')).rejects.toThrow('refused');
  database.refuses = false;
  expect(await store.get('device')).toBeUndefined();
});

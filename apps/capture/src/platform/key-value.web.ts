import type { KeyValueStore } from './platform.tsx';

/** IndexedDB, not localStorage, which is written to disk seconds later: a phone that dies could lose its enrolment. */
export function openKeyValueStore(name: string): KeyValueStore {
  let opened: Promise<IDBDatabase> | undefined;
  const forget = () => {
    opened = undefined;
  };
  const database = () => {
    opened ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('values');
      request.onsuccess = () => {
        // A browser may close the connection of a page in the background. The next call opens it again.
        request.result.onclose = forget;
        resolve(request.result);
      };
      request.onerror = () => {
        forget();
        reject(request.error);
      };
      request.onblocked = () => reject(new Error('the storage of this browser is blocked'));
    });
    return opened;
  };
  return {
    async get(key) {
      const transaction = (await database()).transaction('values', 'readonly');
      const request = transaction.objectStore('values').get(key);
      await completed(transaction);
      return request.result;
    },
    async set(key, value) {
      const transaction = (await database()).transaction('values', 'readwrite', { durability: 'strict' });
      transaction.objectStore('values').put(value, key);
      await completed(transaction);
    },
  };
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the storage of this browser failed'));
  });
}
